import { glorotUniform } from '../initial.ts';
import {
  createNetwork,
  fullyConnectedNetwork,
  layeredNetwork,
  type Network,
  type Parameters,
  unitCount,
} from '../network.ts';
import { rhoSlopeAt } from '../nonlinearity.ts';
import { step } from '../reference/dynamics.ts';
import { energyOf, HeldNetwork, inFloat64 } from '../reference/held-network.ts';
import { type Relaxation, relax } from '../reference/relax.ts';
import { stabilityAt } from '../reference/spectrum.ts';
import { atLeast, atMost, type Check, near } from './check.ts';
import { randomExamples, stateWithInput, uniforms } from './trial.ts';

const BETA1 = -0.2;
const BETA2 = BETA1 + 1;
const rho = { type: 'hard-sigmoid', beta1: BETA1 } as const;
/** Biases that put units into the middle of the active region. */
const BIAS = 0.3;
const EPSILON = 0.1;
const STEPS_OF_DESCENT = 200;

/** Fixed points with Eq. 18's ρ (STDP paper, §7). */
export function checkFixedPoints(sizes: readonly number[], seed: number): Check[] {
  return [
    ...checkUnsaturated(sizes, seed),
    ...checkSaturated(),
    ...checkChatter(),
    ...checkStability(seed),
    ...checkEnergy(sizes, seed),
  ];
}

/** s = b + Wρ(s) at a fixed point, in a layered network whose weights are small enough for all units to be active. */
function checkUnsaturated(sizes: readonly number[], seed: number): Check[] {
  const network = layeredNetwork(sizes, rho);
  const start = stateWithInput(network, randomExamples(network, seed, 1)[0]!.input);
  let settled: { held: HeldNetwork; relaxation: Relaxation } | undefined;
  for (let gain = 0.5; !settled && gain > 0.01; gain /= 2) {
    const parameters = withBias(inFloat64(glorotUniform(network, seed, gain)), BIAS);
    const held = HeldNetwork.hold(network, parameters, start, [0]);
    const relaxation = relax(held, start, { epsilon: EPSILON, tolerance: 1e-12, maxSteps: 5000 });
    if (relaxation.outcome === 'settled') settled = { held, relaxation };
  }
  if (!settled) return [atMost('fixed point: residual |R(s) − s|', Number.NaN, 1e-12)];
  const { held, relaxation } = settled;
  const { state, residual } = relaxation;
  const field = held.field(state, new Float64Array(state.length));
  let largest = 0;
  let saturated = 0;
  state.forEach((s, i) => {
    if (!held.moves[i]) return;
    if (rhoSlopeAt(rho, s) === 0) saturated++;
    else largest = Math.max(largest, Math.abs(s - field[i]!));
  });
  return [
    atMost('fixed point: residual |R(s) − s|', residual, 1e-12),
    atMost('fixed point: |s − (b + Wρ(s))| of unsaturated units', largest, 1e-10),
    near('fixed point: saturated units', saturated, 0, 0),
  ];
}

/** A saturated unit decays as (1 − ε)^t whatever its input, and leaves saturation in the step that this gives. */
function checkSaturated(): Check[] {
  const network = createNetwork({ sizes: [1], connections: [], rho });
  const input = 0.5;
  const held = HeldNetwork.hold(network, { weights: [], biases: [Float64Array.of(input)] }, new Float64Array(1));
  const start = 2;
  const state = Float64Array.of(start);
  const scratch = new Float64Array(1);
  let left = 0;
  let error = 0;
  for (let t = 1; state[0]! > BETA2; t++) {
    step(held, state, { epsilon: EPSILON }, scratch);
    error = Math.max(error, Math.abs(state[0]! - start * (1 - EPSILON) ** t));
    left = t;
  }
  const expected = Math.ceil(Math.log(BETA2 / start) / Math.log(1 - EPSILON));
  const { state: end } = relax(held, state, { epsilon: EPSILON });
  return [
    atMost('saturated unit: |s(t) − s(0) (1 − ε)^t|', error, 1e-14),
    near('saturated unit: step in which it leaves saturation', left, expected, 0),
    near('saturated unit: where it settles then, b', end[0]!, input, 1e-9),
  ];
}

/** A unit whose input asks for more than β2 is reported to chatter; its neighbour, which need not, is not. */
function checkChatter(): Check[] {
  const network = createNetwork({ sizes: [2], connections: [], rho });
  const biases = [Float64Array.of(BETA2 + 0.4, BETA2 - 0.4)];
  const held = HeldNetwork.hold(network, { weights: [], biases }, new Float64Array(2));
  const { outcome, chattering, state } = relax(held, new Float64Array(2), { epsilon: EPSILON });
  const found = outcome === 'chatter' && chattering.every(({ unit }) => unit === 0) ? chattering.length : 0;
  return [
    near('chatter: units at a threshold that are reported', found, 1, 0),
    atMost(
      'chatter: distance of that unit from the threshold, in ε b',
      Math.abs(state[0]! - BETA2) / (EPSILON * biases[0]![0]!),
      1,
    ),
  ];
}

/** Growth per step of a small disturbance of a fixed point, below and above the limit of stability. */
function checkStability(seed: number): Check[] {
  const network = fullyConnectedNetwork([12], rho);
  const raw = inFloat64(glorotUniform(network, seed));
  const centre = new Float64Array(12).fill(BIAS);
  const checks: Check[] = [];
  const unit = stabilityAt(holdAt(network, raw, centre), centre, EPSILON).largestEigenvalue;
  for (const wanted of [0.9, 1.1]) {
    const held = holdAt(network, scaled(raw, wanted / unit), centre);
    const { largestEigenvalue, direction } = stabilityAt(held, centre, EPSILON);
    const size = 1e-6;
    const state = centre.map((s, i) => s + size * direction[i]!);
    const scratch = new Float64Array(12);
    const steps = 50;
    for (let t = 0; t < steps; t++) step(held, state, { epsilon: EPSILON }, scratch);
    const left = Math.sqrt(state.reduce((sum, s, i) => sum + (s - centre[i]!) ** 2, 0));
    const growth = (left / size) ** (1 / steps);
    const name = `stability: growth per step where the largest eigenvalue of R′ is ${wanted}`;
    checks.push(near(name, growth, 1 + EPSILON * (wanted - 1), 1e-6));
    checks.push(
      near(
        `stability: largest eigenvalue of R′ by power iteration, W scaled to ${wanted}`,
        largestEigenvalue,
        wanted,
        1e-9,
      ),
    );
  }
  return checks;
}

/** The energy along a noise-free relaxation that starts with many saturated units. */
function checkEnergy(sizes: readonly number[], seed: number): Check[] {
  const network = layeredNetwork(sizes, rho);
  const parameters = withBias(inFloat64(glorotUniform(network, seed, 0.1)), BIAS);
  const state = uniforms(unitCount(network), seed, 0, 2).map((u) => 2 * u - 0.5);
  const held = HeldNetwork.hold(network, parameters, state, [0]);
  const scratch = new Float64Array(state.length);
  const region = (s: number) => (s < BETA1 ? -1 : s > BETA2 ? 1 : 0);
  let energy = energyOf(network, parameters, state);
  let largest = Number.NEGATIVE_INFINITY;
  let counted = 0;
  for (let t = 0; t < STEPS_OF_DESCENT; t++) {
    const earlier = Float64Array.from(state);
    step(held, state, { epsilon: 0.05 }, scratch);
    const after = energyOf(network, parameters, state);
    if (state.every((s, i) => region(s) === region(earlier[i]!))) {
      counted++;
      largest = Math.max(largest, (after - energy) / Math.abs(energy));
    }
    energy = after;
  }
  return [
    atMost('energy: largest relative rise in a step in which no unit crosses a threshold', largest, 1e-13),
    atLeast(`energy: steps without a crossing, of ${STEPS_OF_DESCENT}`, counted, STEPS_OF_DESCENT / 4),
  ];
}

function withBias(parameters: Parameters<Float64Array>, bias: number): Parameters<Float64Array> {
  return { ...parameters, biases: parameters.biases.map((values) => values.map(() => bias)) };
}

function scaled(parameters: Parameters<Float64Array>, gain: number): Parameters<Float64Array> {
  return { ...parameters, weights: parameters.weights.map((weights) => weights.map((weight) => gain * weight)) };
}

/** One layer with the biases that make a state of it a fixed point: b = s − Wρ(s). */
function holdAt(network: Network, parameters: Parameters<Float64Array>, state: Float64Array): HeldNetwork {
  const received = HeldNetwork.hold(network, withBias(parameters, 0), state).field(
    state,
    new Float64Array(state.length),
  );
  const biases = [state.map((s, i) => s - received[i]!)];
  return HeldNetwork.hold(network, { ...parameters, biases }, state);
}
