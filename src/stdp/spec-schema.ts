import * as v from 'valibot';
import { meaning } from '../spec/meaning.ts';
import { count, integer, objectWith, oneOf, positive, section } from '../spec/schema-parts.ts';
import { kernel } from './kernel-schema.ts';
import { LARGEST_STEPS, neuron } from './neuron-schema.ts';
import { coincidences, pairingSchemes } from './pairing-schemes.ts';
import { LARGEST_NUMBER } from './rule/operations.ts';
import { defaultSpec } from './spec-defaults.ts';

/** Most states s(t) over all sequences: sequences · (steps + 1). */
export const LARGEST_STATES = 2 ** 26;

/** Most steps over all trials of one sequence, trials · steps: what a 32-bit counter of one sequence holds. */
export const LARGEST_TRIAL_STEPS = 2 ** 32 - 1;

const { pairing } = defaultSpec;

const pairingSection = section(
  {
    scheme: v.optional(
      v.pipe(
        v.picklist(pairingSchemes, oneOf(pairingSchemes)),
        v.description(
          meaning`nearest-exclusive: each presynaptic spike with the nearest postsynaptic one, unless there are some on both sides; nearest-presynaptic: with the last one before it and the next one after it; nearest-symmetric: each presynaptic spike with the last postsynaptic one before it, each postsynaptic spike with the last presynaptic one before it; nearest-reduced: neighbours with no spike of either neuron between them; all-to-all: all; triplet: all, with a kernel of triplets; triplet-nearest: as nearest-symmetric, with a kernel of triplets.`,
        ),
      ),
      pairing.scheme,
    ),
    coincidence: v.optional(
      v.pipe(
        v.picklist(coincidences, oneOf(coincidences)),
        v.description(
          meaning`Spikes of both neurons at one step. skip: no pair, the next spike counts (under nearest-exclusive no change at all); causal: a pair at d = 0, as if the postsynaptic spike came right after; acausal: as if it came right before.`,
        ),
      ),
      pairing.coincidence,
    ),
    window: v.optional(
      integer(1, 64, meaning`Farthest spike-timing difference that is paired, in steps.`),
      pairing.window,
    ),
    edges: v.optional(
      v.pipe(
        v.picklist(['interior', 'truncate'], '"interior" or "truncate"'),
        v.description(
          meaning`interior: presynaptic spikes at window <= t < steps - window make pairs (steps > 2 window); truncate: all do.`,
        ),
      ),
      pairing.edges,
    ),
  },
  meaning`Which spikes make a pair.`,
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
        meaning`Weight change of a pair, as a WGSL expression of d, ds_post, rho_pre, rho_post, t and the parameters (f32).`,
      ),
    ),
    parameters: v.optional(
      v.pipe(
        objectWith('an object with a number for each name'),
        v.record(v.string(), ruleParameter),
        v.description(meaning`Values of the other names in the expression.`),
      ),
      {},
    ),
    step: v.optional(
      positive(
        2 ** 20,
        meaning`Weight changes are rounded to multiples of it: a power of two; default: as fine as they allow.`,
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
    v.description(meaning`Steps of the spikes of the ${neuron} neuron, ascending, for each sequence and trial.`),
  );
const spikesExpected = 'the name of a file with columns sequence, trial, neuron, t, or an object with pre and post';

const spikesSection = v.pipe(
  v.union(
    [
      v.pipe(
        v.string(),
        v.minLength(1),
        v.description(
          meaning`CSV or Arrow file with columns sequence, trial, neuron (pre or post), t; relative to the spec.`,
        ),
      ),
      section({ pre: trains('presynaptic'), post: trains('postsynaptic') }, meaning`The spikes themselves.`),
    ],
    ({ issues, input }) => (typeof input === 'object' && issues?.[0] ? issues[0].message : spikesExpected),
  ),
  v.description(
    meaning`Recorded spikes in place of sampled ones; sequences, trials and steps are given beside them. Drives other than tables are then of no account.`,
  ),
);

/**
 * Shape, defaults and ranges of an experiment's spec. What relates two numbers of a spec to each other (as `low` ≤
 * `high`) is checked by `parseSpec`, and so is that a table has `values` by then.
 */
export const specSchema = section(
  {
    seed: v.optional(integer(0, 2 ** 32 - 1, meaning`Seed of every random number.`), defaultSpec.seed),
    sequences: v.optional(
      count(LARGEST_STATES / 2, meaning`Number of rate sequences; sequences (steps + 1) is at most 2^26.`),
      defaultSpec.sequences,
    ),
    steps: v.optional(integer(1, LARGEST_STEPS, meaning`Time steps of a sequence.`), defaultSpec.steps),
    trials: v.optional(
      count(LARGEST_TRIAL_STEPS, meaning`Spike trains sampled for each sequence; trials steps is at most 2^32 - 1.`),
      defaultSpec.trials,
    ),
    msPerStep: v.optional(
      positive(1e6, meaning`Duration of a step in ms; labels axes and places the biological fit.`),
      defaultSpec.msPerStep,
    ),
    pre: v.optional(neuron(meaning`The presynaptic neuron.`), defaultSpec.pre),
    post: v.optional(neuron(meaning`The postsynaptic neuron.`), defaultSpec.post),
    pairing: v.optional(pairingSection, pairing),
    kernel: v.optional(kernel),
    spikes: v.optional(spikesSection),
    rule: v.optional(ruleSection),
  },
  meaning`A Monte-Carlo STDP experiment.`,
);

/** A spec of the right shape whose numbers have not been compared with each other. */
export type UncheckedSpec = v.InferOutput<typeof specSchema>;
