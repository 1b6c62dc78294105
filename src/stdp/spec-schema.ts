import * as v from 'valibot';
import {
  between,
  count,
  fraction,
  integer,
  objectWith,
  oneOf,
  option,
  positive,
  section,
} from '../spec/schema-parts.ts';
import { coincidences, pairingSchemes } from './pairing-schemes.ts';
import { LARGEST_NUMBER } from './rule/operations.ts';
import { defaultDrives, defaultKernel, defaultNeuron, defaultRhos, defaultSpec } from './spec-defaults.ts';
import { tripletModels, tripletSets } from './triplet-sets.ts';

/** Most steps of a sequence. */
export const LARGEST_STEPS = 2 ** 24;

/** Most states s(t) over all sequences: sequences · (steps + 1). */
export const LARGEST_STATES = 2 ** 26;

/** Most steps over all trials of one sequence, trials · steps: what a 32-bit counter of one sequence holds. */
export const LARGEST_TRIAL_STEPS = 2 ** 32 - 1;

/** Largest magnitude of a voltage or an activity in a spec. */
const LARGEST_VOLTAGE = 1e6;

const voltage = (description: string) => between(-LARGEST_VOLTAGE, LARGEST_VOLTAGE, description);

/** One number of a table. */
export const tableNumber = voltage('s(t).');

const low = 'Lower end of the uniform levels of u; at most high.';
const high = 'Upper end of the uniform levels of u.';

const driveTypes = 'one of "noise", "steps", "ramps", "table"';

const drive = v.pipe(
  objectWith(`an object whose type is ${driveTypes}`),
  v.variant(
    'type',
    [
      option(
        {
          type: v.optional(v.literal('noise'), 'noise'),
          mean: v.optional(voltage('Mean of u.'), defaultDrives.noise.mean),
          sd: v.optional(between(0, LARGEST_VOLTAGE, 'Standard deviation of u per step.'), defaultDrives.noise.sd),
        },
        'noise',
      ),
      option(
        {
          type: v.literal('steps'),
          low: v.optional(voltage(low), defaultDrives.steps.low),
          high: v.optional(voltage(high), defaultDrives.steps.high),
          hold: v.optional(between(1, 1e9, 'Mean number of steps between redraws of u.'), defaultDrives.steps.hold),
        },
        'steps',
      ),
      option(
        {
          type: v.literal('ramps'),
          low: v.optional(voltage(low), defaultDrives.ramps.low),
          high: v.optional(voltage(high), defaultDrives.ramps.high),
          knots: v.optional(
            integer(2, LARGEST_STEPS, 'Number of levels over a sequence; at most steps.'),
            defaultDrives.ramps.knots,
          ),
        },
        'ramps',
      ),
      v.pipe(
        option(
          {
            type: v.literal('table'),
            values: v.optional(
              v.pipe(
                v.array(
                  v.array(tableNumber, 'a row: an array of steps + 1 numbers'),
                  'an array with a row of numbers for each sequence',
                ),
                v.description('The integrated activity s itself: a row for each sequence, steps + 1 numbers in a row.'),
              ),
            ),
            file: v.optional(
              v.pipe(
                v.string('the name of a CSV file'),
                v.minLength(1, 'the name of a CSV file'),
                v.description('CSV file with the values, relative to the spec file; rows as in values, no header row.'),
              ),
            ),
          },
          'table',
        ),
        v.metadata({ oneOf: [{ required: ['values'] }, { required: ['file'] }] }),
      ),
    ],
    driveTypes,
  ),
  v.description('External voltage u that the integrated activity s follows; a table gives s itself.'),
);

const rhoTypes = 'one of "hard-sigmoid", "logistic"';

const rho = v.pipe(
  objectWith(`an object whose type is ${rhoTypes}`),
  v.variant(
    'type',
    [
      option(
        {
          type: v.optional(v.literal('hard-sigmoid'), 'hard-sigmoid'),
          beta1: v.optional(
            v.pipe(
              v.number('a number > -1 and < 0'),
              v.gtValue(-1, 'a number > -1 and < 0'),
              v.ltValue(0, 'a number > -1 and < 0'),
              v.description('Lower threshold of clip(s - beta1, 0, 1).'),
            ),
            defaultRhos.hardSigmoid.beta1,
          ),
        },
        'hard-sigmoid',
      ),
      option(
        {
          type: v.literal('logistic'),
          slope: v.optional(positive(1e6, 'Slope per unit of s.'), defaultRhos.logistic.slope),
          midpoint: v.optional(voltage('Activity s at which the rate is half.'), defaultRhos.logistic.midpoint),
        },
        'logistic',
      ),
    ],
    rhoTypes,
  ),
  v.description('Firing-rate function of the integrated activity.'),
);

export function neuron(description: string) {
  return section(
    {
      drive: v.optional(drive, defaultNeuron.drive),
      epsilon: v.optional(
        fraction(32, 'Leak per step of s(t+1) = s(t) + epsilon (u(t) - s(t)).'),
        defaultNeuron.epsilon,
      ),
      rho: v.optional(rho, defaultNeuron.rho),
      peak: v.optional(fraction(31, 'Spike probability per step at rate 1.'), defaultNeuron.peak),
    },
    description,
  );
}

const { pairing } = defaultSpec;

const pairingSection = section(
  {
    scheme: v.optional(
      v.pipe(
        v.picklist(pairingSchemes, oneOf(pairingSchemes)),
        v.description(
          'nearest-exclusive: each presynaptic spike with the nearest postsynaptic one, unless there are some on both sides; nearest-presynaptic: with the last one before it and the next one after it; nearest-symmetric: each presynaptic spike with the last postsynaptic one before it, each postsynaptic spike with the last presynaptic one before it; nearest-reduced: neighbours with no spike of either neuron between them; all-to-all: all; triplet: all, with a kernel of triplets; triplet-nearest: as nearest-symmetric, with a kernel of triplets.',
        ),
      ),
      pairing.scheme,
    ),
    coincidence: v.optional(
      v.pipe(
        v.picklist(coincidences, oneOf(coincidences)),
        v.description(
          'Spikes of both neurons at one step. skip: no pair, the next spike counts (under nearest-exclusive no change at all); causal: a pair at d = 0, as if the postsynaptic spike came right after; acausal: as if it came right before.',
        ),
      ),
      pairing.coincidence,
    ),
    window: v.optional(integer(1, 64, 'Farthest spike-timing difference that is paired, in steps.'), pairing.window),
    edges: v.optional(
      v.pipe(
        v.picklist(['interior', 'truncate'], '"interior" or "truncate"'),
        v.description(
          'interior: presynaptic spikes at window <= t < steps - window make pairs (steps > 2 window); truncate: all do.',
        ),
      ),
      pairing.edges,
    ),
  },
  'Which spikes make a pair.',
);

/** Largest weight change of a pair. */
const LARGEST_WEIGHT_CHANGE = 1e6;

const amplitude = (sign: string) =>
  between(0, LARGEST_WEIGHT_CHANGE, `Weight change of a pair as |d| goes to 0, d ${sign} 0.`);
const timeConstant = (sign: string) => positive(1e9, `Decay of the weight change for d ${sign} 0, in steps.`);

const kernelTypes = oneOf(['exponential', 'table', 'triplet']);

const tripletAmplitude = (what: string) =>
  v.optional(between(0, LARGEST_WEIGHT_CHANGE, `Weight change of ${what}; default: that of the set.`));
const traceTime = (trace: string) =>
  v.optional(positive(1e9, `Time constant of the trace ${trace} in ms; default: that of the set.`));

/** What a spec leaves out is filled in by `checkRelations`: the sets differ from one scheme to the other. */
const tripletKernel = option(
  {
    type: v.literal('triplet'),
    set: v.optional(
      v.pipe(
        v.picklist(tripletSets, oneOf(tripletSets)),
        v.description('Data that Pfister & Gerstner (2006) fitted the rule to; default: visual-cortex.'),
      ),
    ),
    model: v.optional(
      v.pipe(
        v.picklist(tripletModels, oneOf(tripletModels)),
        v.description('All terms of the rule, or those that the data need; default: full.'),
      ),
    ),
    a2Plus: tripletAmplitude('a pair, d > 0'),
    a3Plus: tripletAmplitude('a triplet post-pre-post, d > 0'),
    a2Minus: tripletAmplitude('a pair, d < 0'),
    a3Minus: tripletAmplitude('a triplet pre-post-pre, d < 0'),
    tauPlusMs: traceTime('r1'),
    tauXMs: traceTime('r2'),
    tauMinusMs: traceTime('o1'),
    tauYMs: traceTime('o2'),
  },
  'triplet',
);

/** A⁺ e^(−d/τ⁺) for d > 0, −A⁻ e^(−|d|/τ⁻) for d < 0. */
export const exponentialKernel = option(
  {
    type: v.optional(v.literal('exponential'), 'exponential'),
    aPlus: v.optional(amplitude('>'), defaultKernel.aPlus),
    tauPlus: v.optional(timeConstant('>'), defaultKernel.tauPlus),
    aMinus: v.optional(amplitude('<'), defaultKernel.aMinus),
    tauMinus: v.optional(timeConstant('<'), defaultKernel.tauMinus),
  },
  'exponential',
);

const kernel = v.pipe(
  objectWith(`an object whose type is ${kernelTypes}`),
  v.variant(
    'type',
    [
      exponentialKernel,
      option(
        {
          type: v.literal('table'),
          values: v.pipe(
            v.array(
              between(-LARGEST_WEIGHT_CHANGE, LARGEST_WEIGHT_CHANGE, 'Weight change of a pair.'),
              'an array of 2 window + 1 numbers',
            ),
            v.description(
              'Weight change of a pair at d = -window ... window, 2 window + 1 numbers; 0 at d = 0 where pairing.coincidence is "skip".',
            ),
          ),
        },
        'table',
      ),
      tripletKernel,
    ],
    kernelTypes,
  ),
  v.metadata({
    description:
      'Weight change of a pair: aPlus exp(-d / tauPlus) for d > 0, -aMinus exp(-|d| / tauMinus) for d < 0, at d = 0 aPlus (causal) or -aMinus (acausal); or a table; under the triplet schemes a kernel of type triplet.',
    // Filled in by `checkRelations`, as it depends on the scheme; this is the one for pairs.
    default: defaultKernel,
  }),
);

const parameterExpected = 'a number of magnitude at most 2^60, and at least 2^-126 if not 0';

const ruleParameter = v.pipe(
  v.number(parameterExpected),
  v.minValue(-LARGEST_NUMBER, parameterExpected),
  v.maxValue(LARGEST_NUMBER, parameterExpected),
);

const ruleSection = section(
  {
    expression: v.pipe(
      v.string('a text: an expression of WGSL'),
      v.description(
        'Weight change of a pair, as a WGSL expression of d, ds_post, rho_pre, rho_post, t and the parameters (f32).',
      ),
    ),
    parameters: v.optional(
      v.pipe(
        objectWith('an object with a number for each name'),
        v.record(v.string(), ruleParameter),
        v.description('Values of the other names in the expression.'),
      ),
      {},
    ),
    step: v.optional(
      positive(
        2 ** 20,
        'Weight changes are rounded to multiples of it: a power of two; default: as fine as they allow.',
      ),
    ),
  },
  "The user's own rule.",
);

const step = v.pipe(
  v.number('a step: an integer ≥ 0'),
  v.integer('a step: an integer ≥ 0'),
  v.minValue(0, 'a step: an integer ≥ 0'),
);
const trains = (neuron: string) =>
  v.pipe(
    v.array(
      v.array(v.array(step, 'an array of steps'), 'an array with an array of steps for each trial'),
      'an array with an array of trials for each sequence',
    ),
    v.description(`Steps of the spikes of the ${neuron} neuron, ascending, for each sequence and trial.`),
  );
const spikesExpected = 'the name of a file with columns sequence, trial, neuron, t, or an object with pre and post';

const spikesSection = v.pipe(
  v.union(
    [
      v.pipe(
        v.string(),
        v.minLength(1),
        v.description('CSV or Arrow file with columns sequence, trial, neuron (pre or post), t; relative to the spec.'),
      ),
      section({ pre: trains('presynaptic'), post: trains('postsynaptic') }, 'The spikes themselves.'),
    ],
    ({ issues, input }) => (typeof input === 'object' && issues?.[0] ? issues[0].message : spikesExpected),
  ),
  v.description(
    'Recorded spikes in place of sampled ones; sequences, trials and steps are given beside them. Drives other than tables are then of no account.',
  ),
);

/**
 * Shape, defaults and ranges of an experiment's spec. What relates two numbers of a spec to each other (as `low` ≤
 * `high`) is checked by `parseSpec`, and so is that a table has `values` by then.
 */
export const specSchema = section(
  {
    seed: v.optional(integer(0, 2 ** 32 - 1, 'Seed of every random number.'), defaultSpec.seed),
    sequences: v.optional(
      count(LARGEST_STATES / 2, 'Number of rate sequences; sequences (steps + 1) is at most 2^26.'),
      defaultSpec.sequences,
    ),
    steps: v.optional(integer(1, LARGEST_STEPS, 'Time steps of a sequence.'), defaultSpec.steps),
    trials: v.optional(
      count(LARGEST_TRIAL_STEPS, 'Spike trains sampled for each sequence; trials steps is at most 2^32 - 1.'),
      defaultSpec.trials,
    ),
    msPerStep: v.optional(
      positive(1e6, 'Duration of a step in ms; labels axes and places the biological fit.'),
      defaultSpec.msPerStep,
    ),
    pre: v.optional(neuron('The presynaptic neuron.'), defaultSpec.pre),
    post: v.optional(neuron('The postsynaptic neuron.'), defaultSpec.post),
    pairing: v.optional(pairingSection, pairing),
    kernel: v.optional(kernel),
    spikes: v.optional(spikesSection),
    rule: v.optional(ruleSection),
  },
  'A Monte-Carlo STDP experiment.',
);

/** A spec of the right shape whose numbers have not been compared with each other. */
export type UncheckedSpec = v.InferOutput<typeof specSchema>;
