import type { Network, Parameters } from '../network.ts';
import { costSlope } from '../reference/gradient.ts';
import { HeldNetwork } from '../reference/held-network.ts';
import { conjugateGradients } from '../reference/newton.ts';
import { relax } from '../reference/relax.ts';
import { type Example, randomExamples, randomParameters, stateWithInput } from './trial.ts';

/** A network with examples at which its fixed point has a derivative within the reach of a nudge. */
export interface SmoothTrial {
  readonly parameters: Parameters<Float64Array>;
  /** What the Glorot-uniform weights are multiplied with. */
  readonly gain: number;
  readonly examples: readonly Example[];
  /** Random examples that were passed over. */
  readonly passedOver: number;
}

/** Draws per example that is wanted. */
const DRAWS = 3;
/** Weights become smaller by this factor where too few draws will do. */
const SMALLER = 0.8;
const EPSILON = 0.5;
const RELAXATION = { epsilon: EPSILON, tolerance: 1e-12, newton: true, maxSteps: 8192 };

/**
 * Random weights and examples of a layered `clip` network. An example is passed over where a unit reaches or leaves a
 * bound between the fixed points at ± β, as gradients say nothing about the other side of a kink, and where a layer has
 * no gradient because every unit of one is held at a bound. Weights are Glorot's; only where most examples are of that
 * kind, as in small deep networks, they are scaled down.
 */
export function smoothTrial(network: Network, seed: number, count: number, nudge: number): SmoothTrial {
  for (let gain = 1; ; gain *= SMALLER) {
    const parameters = randomParameters(network, seed, gain);
    const drawn = randomExamples(network, seed, DRAWS * count);
    const examples: Example[] = [];
    let passedOver = 0;
    for (const example of drawn) {
      if (examples.length === count) break;
      if (isSmooth(network, parameters, example, nudge)) examples.push(example);
      else passedOver++;
      if (passedOver > (DRAWS - 1) * count) break;
    }
    if (examples.length === count) return { parameters, gain, examples, passedOver };
  }
}

function isSmooth(network: Network, parameters: Parameters<Float64Array>, example: Example, nudge: number): boolean {
  const start = stateWithInput(network, example.input);
  const held = HeldNetwork.hold(network, parameters, start, [0]);
  const free = relax(held, start, RELAXATION);
  if (free.outcome !== 'settled') return false;
  const layer = network.sizes.length - 1;
  const scratch = new Float64Array(start.length);
  const active = held.active(free.state, held.force(free.state, scratch));
  const slope = costSlope(network, free.state, { layer, values: example.target }).map((s, i) => (active[i] ? s : 0));
  const response = conjugateGradients(held.curvature(free.state, active), slope);
  const { offsets } = network;
  const reaches = (k: number) => response?.subarray(offsets[k], offsets[k + 1]).some((value) => value !== 0);
  for (let k = 1; k <= layer; k++) if (!reaches(k)) return false;
  return [nudge, -nudge].every((strength) => {
    const nudged = held.withTarget({ layer, values: example.target, strength });
    const { state, outcome } = relax(nudged, free.state, RELAXATION);
    const there = nudged.active(state, nudged.force(state, scratch));
    return outcome === 'settled' && there.every((free, i) => free === active[i]);
  });
}
