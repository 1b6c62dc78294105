import { layeredNetwork, type Network, type Parameters } from '../network.ts';
import { addImplicitGradient, gradientThroughTime, zeroParameters } from '../reference/gradient.ts';
import { HeldNetwork } from '../reference/held-network.ts';
import { relax } from '../reference/relax.ts';
import { checkBoltzmann } from './boltzmann.ts';
import { atLeast, atMost, type Check } from './check.ts';
import { checkFirstMotions, type FirstMotions } from './first-motion.ts';
import { checkFixedPoints } from './fixed-points.ts';
import { checkScoreMatching } from './score-matching.ts';
import { smoothTrial } from './smooth-trial.ts';
import { type Example, stateWithInput } from './trial.ts';
import { type Agreement, type MeasuredUpdates, measureUpdates, type NudgePlan } from './update-agreement.ts';

/** An agreement, and of which network. */
export interface NetworkAgreement extends Agreement {
  readonly sizes: readonly number[];
  readonly weights: 'initial' | 'trained';
}

/** Everything that `energy check` finds. */
export interface EnergyReport {
  readonly sizes: readonly number[];
  readonly seed: number;
  readonly checks: readonly Check[];
  /** Slope of log ‖Δh_k‖ over log ε, k = 0 (the output), 1, 2 …; k + 1 in theory. */
  readonly slopes: readonly number[];
  readonly cosines: readonly NetworkAgreement[];
  readonly firstMotions: FirstMotions;
}

/** What other programs need to compute the gradients and updates of a report again. */
export interface Measured extends MeasuredUpdates {
  readonly network: Network;
  readonly parameters: Parameters<Float64Array>;
  readonly examples: readonly Example[];
}

export interface EnergyCheckOptions {
  /** Units of each layer, input to output. */
  readonly sizes: readonly number[];
  readonly seed: number;
  /** Trained weights of a network of these sizes, and examples that it is nudged with. */
  readonly trained?: { readonly parameters: Parameters<Float64Array>; readonly examples: readonly Example[] };
  /** Called as checks come in. */
  readonly onChecks?: (checks: readonly Check[]) => void;
}

/** The nudge that is small. */
const SMALL = 1e-3;
/** The training nudge of the reference code of Equilibrium Propagation: β 0.5 of ‖y − d‖². */
const TRAINING = 1;
const TRAINING_STEPS = 4;
const EXAMPLES = 20;
const UNTIL_SETTLED = Number.POSITIVE_INFINITY;
const PLANS: readonly NudgePlan[] = [
  { nudge: SMALL, steps: [1, 2, 4, 10, 50, 200, UNTIL_SETTLED] },
  { nudge: 0.1, steps: [TRAINING_STEPS, UNTIL_SETTLED] },
  { nudge: TRAINING, steps: [TRAINING_STEPS, UNTIL_SETTLED] },
];
/** Units of the hidden layers in the comparison of depths. */
const DEPTH_WIDTH = 24;
const DEPTHS = [1, 2, 3, 4, 5] as const;
const NOISES = [1e-4, 1e-3, 1e-2] as const;

/** Checks of the energy-based networks: fixed points, sampling, score matching, early inference as back-propagation. */
export function checkEnergyNetworks(options: EnergyCheckOptions): { report: EnergyReport; measured: Measured } {
  const { sizes, seed, trained, onChecks } = options;
  const checks: Check[] = [];
  const add = (more: readonly Check[]) => {
    checks.push(...more);
    onChecks?.(more);
  };
  add(checkFixedPoints(sizes, seed));
  add(checkBoltzmann(seed));
  add(checkScoreMatching(seed));
  const motions = checkFirstMotions(sizes, seed);
  add(motions.checks);
  add([checkThroughTime(seed)]);

  const network = layeredNetwork(sizes, { type: 'clip' });
  const trial = smoothTrial(network, seed, EXAMPLES, SMALL);
  const initial = measureUpdates(network, trial.parameters, trial.examples, PLANS, seed);
  add([
    atMost('free phase: residual', initial.residual, 1e-12),
    ...settledChecks(`initial weights, ${sizes.join('-')}`, initial.agreements, 0.999),
  ]);
  const cosines = named(sizes, 'initial', initial.agreements);
  for (const depth of DEPTHS) {
    const deep = [DEPTH_WIDTH, ...new Array<number>(depth).fill(DEPTH_WIDTH), DEPTH_WIDTH / 4];
    const agreements = measureDepth(deep, seed);
    add(settledChecks(`depth ${depth}`, agreements, 0.999));
    cosines.push(...named(deep, 'initial', agreements));
  }
  let measured: Measured = { ...initial, network, parameters: trial.parameters, examples: trial.examples };
  if (trained) {
    const { parameters, examples } = trained;
    const updates = measureUpdates(network, parameters, examples, PLANS, seed);
    add([
      ...settledChecks(`trained weights, ${sizes.join('-')}`, updates.agreements, 0.9995),
      ...sidesChecks(updates.agreements),
    ]);
    cosines.push(...named(sizes, 'trained', updates.agreements));
    measured = { ...updates, network, parameters, examples };
  }
  const { clip } = motions;
  return { report: { sizes, seed, checks, slopes: clip.slopes, cosines, firstMotions: clip }, measured };
}

/** Settled, with the small nudge to one side: every layer and the total. */
function settledChecks(name: string, agreements: readonly Agreement[], target: number): Check[] {
  return agreements
    .filter(({ settled, nudge, sides, noise }) => settled && nudge === SMALL && sides === 'towards' && noise === 0)
    .map(({ layer, cosine }) => {
      const where = layer === 'total' ? 'total' : `layer ${layer}`;
      return atLeast(`cosine of update and −dC/dW, ${name}, ${where}`, cosine ?? Number.NaN, target);
    });
}

/** The training nudge to both sides against to one side. */
function sidesChecks(agreements: readonly Agreement[]): Check[] {
  const total = (wanted: Agreement['sides']) =>
    agreements.find(
      ({ layer, nudge, settled, sides }) => layer === 'total' && nudge === TRAINING && !settled && sides === wanted,
    )?.cosine ?? Number.NaN;
  const gain = total('both') - total('towards');
  return [atLeast('cosine with the training nudge, symmetric minus one-sided, trained weights', gain, 0)];
}

function measureDepth(sizes: readonly number[], seed: number): readonly Agreement[] {
  const network = layeredNetwork(sizes, { type: 'clip' });
  const { parameters, examples } = smoothTrial(network, seed, EXAMPLES, SMALL);
  const plans: NudgePlan[] = [
    { nudge: SMALL, steps: [TRAINING_STEPS, 50, UNTIL_SETTLED] },
    { nudge: 0.1, steps: [50] },
    ...NOISES.map((noise) => ({ nudge: 0.1, steps: [50], noise })),
  ];
  return measureUpdates(network, parameters, examples, plans, seed).agreements;
}

/** Implicit differentiation against back-propagation through a relaxation that is long enough to have settled. */
function checkThroughTime(seed: number): Check {
  const network = layeredNetwork([12, 10, 8, 4], { type: 'clip' });
  const { parameters, examples } = smoothTrial(network, seed, 1, SMALL);
  const { input, target } = examples[0]!;
  const start = stateWithInput(network, input);
  const held = HeldNetwork.hold(network, parameters, start, [0]);
  const goal = { layer: 3, values: target };
  const implicit = zeroParameters(network);
  const free = relax(held, start, { epsilon: 0.5, tolerance: 1e-13, newton: true });
  addImplicitGradient(held, free.state, goal, implicit);
  const throughTime = gradientThroughTime(held, free.state, goal, { epsilon: 0.5, steps: 2000 });
  let off = 0;
  let all = 0;
  implicit.weights.forEach((slopes, k) => {
    slopes.forEach((slope, i) => {
      off += (slope - throughTime.weights[k]![i]!) ** 2;
      all += slope * slope;
    });
  });
  const name = 'implicit gradient: relative distance from back-propagation through 2000 steps';
  return atMost(name, Math.sqrt(off / all), 1e-6);
}

function named(
  sizes: readonly number[],
  weights: NetworkAgreement['weights'],
  agreements: readonly Agreement[],
): NetworkAgreement[] {
  return agreements.map((agreement) => ({ ...agreement, sizes, weights }));
}
