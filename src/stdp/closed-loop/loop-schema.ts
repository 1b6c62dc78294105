import * as v from 'valibot';
import { between, count, integer, objectWith, oneOf, option, section } from '../../spec/schema-parts.ts';
import { exponentialKernel } from '../kernel-schema.ts';
import { neuron } from '../neuron-schema.ts';
import { coincidences, pairwiseSchemes } from '../pairing-schemes.ts';
import { defaultLoopSpec } from './loop-spec.ts';

/** Most trials, so that sums over them stay within their words. */
const LARGEST_TRIALS = 2 ** 26;
/** Most steps of a trial, the burn-in too: one thread takes them all in one dispatch. */
export const LARGEST_LOOP_STEPS = 2 ** 17;
/** Most records of a trial. */
export const LARGEST_RECORDS = 2 ** 10;
/** Largest magnitude of a weight in a spec. */
const LARGEST_WEIGHT = 1e6;

const weight = (description: string) => between(-LARGEST_WEIGHT, LARGEST_WEIGHT, description);

const { loop, pairing, record } = defaultLoopSpec;
const { low, high } = loop.bounds;
const boundTypes = 'one of "none", "hard", "soft"';
const limited = {
  low: v.optional(weight('Least weight; below high.'), low),
  high: v.optional(weight('Largest weight.'), high),
};

const bounds = v.pipe(
  objectWith(`an object whose type is ${boundTypes}`),
  v.variant(
    'type',
    [
      option({ type: v.literal('none') }, 'none'),
      option({ type: v.optional(v.literal('hard'), 'hard'), ...limited }, 'hard'),
      option({ type: v.literal('soft'), ...limited }, 'soft'),
    ],
    boundTypes,
  ),
  v.description(
    'hard: a change ends at the bound; soft: increases are scaled with (high - W) / (high - low), decreases with (W - low) / (high - low).',
  ),
);

const etaExpected = 'a number from 0 to 1, 0 or at least 2^-32';

const rule = section(
  {
    input: v.optional(
      v.pipe(
        v.picklist(['rate', 'spike'], '"rate" or "spike"'),
        v.description('What the weight multiplies: the presynaptic rate rho(s), or the spike (0 or 1).'),
      ),
      loop.input,
    ),
    rule: v.optional(
      v.pipe(
        v.picklist(['rate', 'spike', 'pair'], '"rate", "spike" or "pair"'),
        v.description('Weight change: Eq. 1, Eq. 2, or pairs of spikes, applied when their window has passed.'),
      ),
      loop.rule,
    ),
    eta: v.optional(
      v.pipe(
        v.number(etaExpected),
        v.check((value) => value === 0 || (value >= 2 ** -32 && value <= 1), etaExpected),
        v.metadata({ description: 'Learning rate; 0, or at least 2^-32.', minimum: 0, maximum: 1 }),
      ),
      loop.eta,
    ),
    initialWeight: v.optional(
      v.union(
        [
          weight('The weight of every trial at the start.'),
          section(
            { low: weight('Lower end of a uniform distribution.'), high: weight('Upper end of it.') },
            'Drawn for each trial.',
          ),
        ],
        `a number from ${-LARGEST_WEIGHT} to ${LARGEST_WEIGHT}, or an object with such numbers low and high`,
      ),
      loop.initialWeight,
    ),
    bounds: v.optional(bounds, loop.bounds),
  },
  'The synapse.',
);

/** Shape, defaults and ranges of a closed loop's spec; what relates two numbers to each other is `parseLoopSpec`'s. */
export const loopSchema = section(
  {
    seed: v.optional(integer(0, 2 ** 32 - 1, 'Seed of every random number.'), defaultLoopSpec.seed),
    trials: v.optional(
      integer(1, LARGEST_TRIALS, 'Trials, each with its own drives and weight.'),
      defaultLoopSpec.trials,
    ),
    steps: v.optional(count(LARGEST_LOOP_STEPS, 'Time steps with learning, after the burn-in.'), defaultLoopSpec.steps),
    pre: v.optional(neuron('The presynaptic neuron.'), defaultLoopSpec.pre),
    post: v.optional(
      neuron('The postsynaptic neuron; its drive is what it has beside the synapse.'),
      defaultLoopSpec.post,
    ),
    loop: v.optional(rule, loop),
    pairing: v.optional(
      section(
        {
          scheme: v.optional(
            v.pipe(
              v.picklist(pairwiseSchemes, oneOf(pairwiseSchemes)),
              v.description('Which spikes make a pair, as in an experiment; used by the rule "pair".'),
            ),
            pairing.scheme,
          ),
          coincidence: v.optional(
            v.pipe(
              v.picklist(coincidences, oneOf(coincidences)),
              v.description('Spikes of both neurons at one step, as in an experiment.'),
            ),
            pairing.coincidence,
          ),
          window: v.optional(integer(1, 64, 'Farthest spike-timing difference that is paired.'), pairing.window),
        },
        'Which spikes make a pair.',
      ),
      pairing,
    ),
    kernel: v.optional(exponentialKernel, defaultLoopSpec.kernel),
    record: v.optional(
      section(
        {
          every: v.optional(count(LARGEST_LOOP_STEPS, 'Steps of one record; at most 1024 records.'), record.every),
          bins: v.optional(integer(1, 256, 'Bins of the histograms of the weights.'), record.bins),
          low: v.optional(weight('Lower end of the first bin; default: the lower bound, or initial weight - 2.')),
          high: v.optional(weight('Upper end of the last bin; default: the upper bound, or initial weight + 2.')),
        },
        'What is kept of the trials.',
      ),
      record,
    ),
  },
  'A closed loop: a weight that changes what changes it.',
);

/** A spec of the right shape whose numbers have not been compared with each other. */
export type UncheckedLoopSpec = v.InferOutput<typeof loopSchema>;
