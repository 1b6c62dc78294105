import { EngineError } from '../../errors.ts';
import { rhoSlopeAt } from '../nonlinearity.ts';
import { step } from './dynamics.ts';
import type { HeldNetwork } from './held-network.ts';
import { newtonStep } from './newton.ts';

/** A unit that goes to and fro across a threshold of ρ, where R jumps, and so never settles. */
export interface ChatteringUnit {
  readonly layer: number;
  /** Index in the layer. */
  readonly unit: number;
  /** Crossings among the last {@link WINDOW} steps. */
  readonly crossings: number;
}

/** How a relaxation ended. */
export interface Relaxation {
  /** Flat, shape [units]. */
  readonly state: Float64Array;
  readonly steps: number;
  /** Largest |s(t+1) − s(t)| / ε over the units at the last step. */
  readonly residual: number;
  /** `chatter`: some units keep crossing a threshold; `unsettled`: the steps ran out before the tolerance was met. */
  readonly outcome: 'settled' | 'chatter' | 'unsettled';
  /** Empty unless the outcome is `chatter`. */
  readonly chattering: readonly ChatteringUnit[];
}

export interface RelaxOptions {
  /** ε, 0 < ε ≤ 1. */
  readonly epsilon: number;
  /** Largest residual of a settled state, default 1e-10. */
  readonly tolerance?: number;
  /** Default 20,000. */
  readonly maxSteps?: number;
  /** Try a Newton step now and then, which ends slow relaxations at the fixed point they go to; default no. */
  readonly newton?: boolean;
}

/** Crossings are counted over as many steps. */
export const WINDOW = 256;
/** To and fro in a window, at least once, … */
const FEWEST_CROSSINGS = 2;
/** … in as many windows in a row, is chatter: a unit that passes a threshold on its way has left by then. */
const WINDOWS_OF_CHATTER = 8;

/**
 * Noise-free inference until no unit moves by more than ε · tolerance in a step, or a unit is found to chatter.
 *
 * With Eq. 18's ρ a unit whose input asks for a state beyond a threshold has no fixed point: saturated, it decays
 * towards 0; in the active region, it is driven out again (STDP paper, §7). Such units end the relaxation.
 *
 * @param start flat, shape [units]; not changed.
 * @throws EngineError `diverged` where a state is no longer finite.
 */
export function relax(held: HeldNetwork, start: Float64Array, options: RelaxOptions): Relaxation {
  const { epsilon, tolerance = 1e-10, maxSteps = 20_000, newton = false } = options;
  const state = Float64Array.from(start);
  const scratch = new Float64Array(state.length);
  const chatter = new ChatterDetector(held, state);
  let residual = Number.POSITIVE_INFINITY;
  for (let steps = 1; steps <= maxSteps; steps++) {
    residual = step(held, state, { epsilon }, scratch);
    if (!Number.isFinite(residual)) throw diverged(steps, epsilon);
    if (residual <= tolerance) return { state, steps, residual, outcome: 'settled', chattering: [] };
    chatter.count(state);
    if (steps % WINDOW !== 0) continue;
    const chattering = chatter.endWindow();
    if (chattering.length > 0) return { state, steps, residual, outcome: 'chatter', chattering };
    if (newton) newtonStep(held, state);
  }
  return { state, steps: maxSteps, residual, outcome: 'unsettled', chattering: [] };
}

/** Counts how often units enter and leave saturation. */
class ChatterDetector {
  readonly #held: HeldNetwork;
  readonly #saturated: Uint8Array;
  readonly #crossings: Uint16Array;
  readonly #windows: Uint16Array;

  constructor(held: HeldNetwork, state: Float64Array) {
    this.#held = held;
    this.#crossings = new Uint16Array(state.length);
    this.#windows = new Uint16Array(state.length);
    this.#saturated = Uint8Array.from(state, (s) => (rhoSlopeAt(held.network.rho, s) === 0 ? 1 : 0));
  }

  count(state: Float64Array): void {
    // The other kinds of ρ have no threshold that a state can cross.
    if (this.#held.network.rho.type !== 'hard-sigmoid') return;
    const { moves, network } = this.#held;
    for (let i = 0; i < state.length; i++) {
      if (!moves[i]) continue;
      const saturated = rhoSlopeAt(network.rho, state[i]!) === 0 ? 1 : 0;
      if (saturated !== this.#saturated[i]) this.#crossings[i]!++;
      this.#saturated[i] = saturated;
    }
  }

  /** @returns the units that chatter */
  endWindow(): ChatteringUnit[] {
    const { offsets } = this.#held.network;
    const chattering: ChatteringUnit[] = [];
    this.#crossings.forEach((crossings, i) => {
      this.#windows[i] = crossings >= FEWEST_CROSSINGS ? this.#windows[i]! + 1 : 0;
      if (this.#windows[i]! < WINDOWS_OF_CHATTER) return;
      const layer = offsets.findLastIndex((offset) => offset <= i);
      chattering.push({ layer, unit: i - offsets[layer]!, crossings });
    });
    this.#crossings.fill(0);
    return chattering;
  }
}

function diverged(steps: number, epsilon: number): EngineError {
  const cause = `the weights are too large for ε = ${epsilon}`;
  const message = `a state is no longer finite after step ${steps}; ${cause}`;
  return new EngineError('diverged', message, { path: 'epsilon', value: epsilon, expected: 'smaller weights or ε' });
}
