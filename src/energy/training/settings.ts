import { EngineError } from '../../errors.ts';
import { layeredNetwork, type Network } from '../network.ts';
import type { Examples } from './trainer.ts';

/**
 * What a nudged phase teaches.
 *
 * - `stdp`: ΔW_ij ∝ Σ_t (ṡ_i ρ(s_j) + ṡ_j ρ(s_i)), the STDP-compatible rule integrated over the phase (STDP paper,
 *   Eq. 1).
 * - `contrastive`: ΔW_ij ∝ ρ_i ρ_j at its end minus at its start (Equilibrium Propagation).
 *
 * Both are divided by β.
 */
export type LearningRule = 'stdp' | 'contrastive';

/** How a network learns to classify. */
export interface TrainingSettings {
  /** Units of each layer, input to output. */
  readonly sizes: readonly number[];
  readonly rule: LearningRule;
  /** ε, 0 < ε ≤ 1. */
  readonly epsilon: number;
  readonly freeSteps: number;
  readonly nudgedSteps: number;
  /** |β| of C = ½ ‖y − d‖²; its sign is drawn for each batch. */
  readonly beta: number;
  /** Examples of a batch. */
  readonly batch: number;
  /** Learning rate of each connection, from the input on; it multiplies the mean over the batch of ΔW / β. */
  readonly rates: readonly number[];
  /** What the learning rates are multiplied with after every epoch, 0 < decay ≤ 1. */
  readonly decay: number;
  /** Free phases start where the one before of the same example ended, as in the reference code; else at 0. */
  readonly persistent: boolean;
  /** Of the initial weights and the signs of β. */
  readonly seed: number;
}

/** Steps, β and rates by the number of hidden layers. */
type Depth = Pick<TrainingSettings, 'freeSteps' | 'nudgedSteps' | 'beta' | 'rates'>;

/**
 * Steps and β are those of the reference code of Equilibrium Propagation (Scellier & Bengio, 2017), whose cost ‖y − d‖²
 * has no ½: its β and its learning rates count twice here. So do the rates, but for one hidden layer: with free phases
 * from 0 and rates that decay, 0.5 and 0.25 classify MNIST better than its 0.2 and 0.1 (2.2 % of the test images wrong
 * against 3 %).
 */
const KNOWN_GOOD: readonly Depth[] = [
  { freeSteps: 20, nudgedSteps: 4, beta: 1, rates: [0.2] },
  { freeSteps: 20, nudgedSteps: 4, beta: 1, rates: [0.5, 0.25] },
  { freeSteps: 150, nudgedSteps: 6, beta: 2, rates: [0.8, 0.2, 0.02] },
  { freeSteps: 500, nudgedSteps: 8, beta: 2, rates: [0.256, 0.064, 0.016, 0.004] },
];

/** Largest |ΔW / β| per weight is about 1, so that at this rate every batch may turn the network around. */
const LARGE_RATE = 5;

/**
 * Known-good settings for a network, with what is given in their place.
 *
 * @throws EngineError `invalid-option` for what is not acceptable.
 */
export function trainingSettings(given: Partial<TrainingSettings> & Pick<TrainingSettings, 'sizes'>): TrainingSettings {
  const connections = given.sizes.length - 1;
  const depth = KNOWN_GOOD[Math.min(connections, KNOWN_GOOD.length) - 1] ?? KNOWN_GOOD[0]!;
  const rates = Array.from({ length: connections }, (_, k) => depth.rates[k] ?? depth.rates.at(-1)!);
  const settings: TrainingSettings = {
    rule: 'stdp',
    epsilon: 0.5,
    freeSteps: depth.freeSteps,
    nudgedSteps: depth.nudgedSteps,
    beta: depth.beta,
    batch: 20,
    rates,
    decay: 0.85,
    persistent: false,
    seed: 1,
    ...given,
  };
  requireSettings(settings);
  return settings;
}

/** The network of settings: a chain of layers whose states are cut to 0 … 1. */
export function networkOf({ sizes }: Pick<TrainingSettings, 'sizes'>): Network {
  return layeredNetwork(sizes, { type: 'clip' });
}

/** A training with a parameter beyond this has diverged: states lie in 0 … 1, and useful weights are of the order 1. */
export const LARGEST_WEIGHT = 1e4;

/** The error of a training that has diverged. @param epoch, batch from 0 */
export function divergence(settings: TrainingSettings, epoch: number, batch: number): EngineError {
  const where = `batch ${batch + 1} of epoch ${epoch + 1} (${settings.batch} examples each)`;
  const message = `a weight is beyond ${LARGEST_WEIGHT} or no number after ${where}: ${likelyCause(settings)}`;
  const expected = 'smaller learning rates';
  return new EngineError('diverged', `${message}; expected ${expected}`, { path: 'rates', value: batch, expected });
}

/** @throws EngineError `invalid-option` where images or classes do not suit the layers. */
export function requireSuitable({ sizes }: TrainingSettings, { pixels, labels }: Examples): void {
  const refuse = (what: string, value: unknown, expected: string) => {
    const message = `sizes: ${sizes.join(', ')} does not suit the examples, ${what}; expected ${expected}`;
    throw new EngineError('invalid-option', message, { path: 'sizes', value, expected });
  };
  if (sizes[0] !== pixels) refuse(`whose images have ${pixels} pixels`, sizes[0], `${pixels} units of input`);
  const classes = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  if (classes > sizes.at(-1)!) refuse(`which have ${classes} classes`, sizes.at(-1), `${classes} outputs or more`);
}

/** What may be behind a training that diverges. */
function likelyCause({ rates, beta, epsilon }: TrainingSettings): string {
  const largest = Math.max(...rates);
  if (largest > LARGE_RATE) return `the learning rate ${largest} is very large`;
  if (beta < 0.01) return `β ${beta} is so small that ΔW / β is mostly rounding`;
  return `the learning rates ${rates.join(', ')} are too large for ε ${epsilon} and β ${beta}`;
}

function requireSettings(settings: TrainingSettings): void {
  const { sizes, rates, epsilon, beta, batch, decay, freeSteps, nudgedSteps } = settings;
  const require = (holds: boolean, path: string, value: unknown, expected: string) => {
    if (holds) return;
    const message = `${path}: ${JSON.stringify(value)} is not allowed; expected ${expected}`;
    throw new EngineError('invalid-option', message, { path, value, expected });
  };
  const count = (value: number) => Number.isSafeInteger(value) && value >= 1;
  require(sizes.length >= 2, 'sizes', sizes, 'two layers or more');
  require(rates.length === sizes.length - 1, 'rates', rates, `${sizes.length - 1} numbers, one for each connection`);
  require(rates.every((rate) => Number.isFinite(rate) && rate >= 0), 'rates', rates, 'numbers ≥ 0');
  require(epsilon > 0 && epsilon <= 1, 'epsilon', epsilon, 'a number above 0 and up to 1');
  require(beta > 0 && Number.isFinite(beta), 'beta', beta, 'a number above 0');
  require(decay > 0 && decay <= 1, 'decay', decay, 'a number above 0 and up to 1');
  require(count(batch), 'batch', batch, 'an integer from 1');
  require(count(freeSteps), 'freeSteps', freeSteps, 'an integer from 1');
  require(count(nudgedSteps), 'nudgedSteps', nudgedSteps, 'an integer from 1');
}
