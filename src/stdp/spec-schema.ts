import * as v from 'valibot';
import { between, count, fraction, integer, objectWith, option, positive, section } from './schema-parts.ts';
import { defaultDrives, defaultNeuron, defaultRhos, defaultSpec } from './spec-defaults.ts';

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

const { pairing, kernel } = defaultSpec;

const pairingSection = section(
  {
    scheme: v.optional(
      v.pipe(
        v.picklist(['nearest-exclusive'], '"nearest-exclusive"'),
        v.description(
          'Nearest postsynaptic spike; no pair with spikes on both sides, on neither, or at the same step.',
        ),
      ),
      pairing.scheme,
    ),
    window: v.optional(integer(1, 64, 'Farthest spike-timing difference that is paired, in steps.'), pairing.window),
    edges: v.optional(
      v.pipe(
        v.picklist(['interior', 'truncate'], '"interior" or "truncate"'),
        v.description(
          'interior: presynaptic spikes at window <= t < steps - window are paired (steps > 2 window); truncate: all are.',
        ),
      ),
      pairing.edges,
    ),
  },
  'Which spikes make a pair.',
);

const amplitude = (sign: string) => between(0, 1e6, `Weight change of a pair as |d| goes to 0, d ${sign} 0.`);
const timeConstant = (sign: string) => positive(1e9, `Decay of the weight change for d ${sign} 0, in steps.`);

export const kernelSection = section(
  {
    aPlus: v.optional(amplitude('>'), kernel.aPlus),
    tauPlus: v.optional(timeConstant('>'), kernel.tauPlus),
    aMinus: v.optional(amplitude('<'), kernel.aMinus),
    tauMinus: v.optional(timeConstant('<'), kernel.tauMinus),
  },
  'Weight change of a pair: aPlus exp(-d / tauPlus) for d > 0, -aMinus exp(-|d| / tauMinus) for d < 0.',
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
    kernel: v.optional(kernelSection, kernel),
  },
  'A Monte-Carlo STDP experiment.',
);

/** A spec of the right shape whose numbers have not been compared with each other. */
export type UncheckedSpec = v.InferOutput<typeof specSchema>;
