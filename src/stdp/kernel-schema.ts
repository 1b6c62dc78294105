import * as v from 'valibot';
import { meaning } from '../spec/meaning.ts';
import { between, objectWith, oneOf, option, positive } from '../spec/schema-parts.ts';
import { defaultKernel } from './spec-defaults.ts';
import { tripletModels, tripletSets } from './triplet-sets.ts';

/** Largest weight change of a pair. */
const LARGEST_WEIGHT_CHANGE = 1e6;

const amplitude = (sign: string) =>
  between(0, LARGEST_WEIGHT_CHANGE, meaning`Weight change of a pair as |d| goes to 0, d ${sign} 0.`);
const timeConstant = (sign: string) => positive(1e9, meaning`Decay of the weight change for d ${sign} 0, in steps.`);

const kernelTypes = oneOf(['exponential', 'table', 'triplet']);

const tripletAmplitude = (what: string) =>
  v.optional(between(0, LARGEST_WEIGHT_CHANGE, meaning`Weight change of ${what}; default: that of the set.`));
const traceTime = (trace: string) =>
  v.optional(positive(1e9, meaning`Time constant of the trace ${trace} in ms; default: that of the set.`));

/** What a spec leaves out is filled in by `checkRelations`: the sets differ from one scheme to the other. */
const tripletKernel = option(
  {
    type: v.literal('triplet'),
    set: v.optional(
      v.pipe(
        v.picklist(tripletSets, oneOf(tripletSets)),
        v.description(meaning`Data that Pfister & Gerstner (2006) fitted the rule to; default: visual-cortex.`),
      ),
    ),
    model: v.optional(
      v.pipe(
        v.picklist(tripletModels, oneOf(tripletModels)),
        v.description(meaning`All terms of the rule, or those that the data need; default: full.`),
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

/** Weight change of a pair, or the rule of triplets. */
export const kernel = v.pipe(
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
              between(-LARGEST_WEIGHT_CHANGE, LARGEST_WEIGHT_CHANGE, meaning`Weight change of a pair.`),
              'an array of 2 window + 1 numbers',
            ),
            v.description(
              meaning`Weight change of a pair at d = -window ... window, 2 window + 1 numbers; 0 at d = 0 where pairing.coincidence is "skip".`,
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
    description: meaning`Weight change of a pair: aPlus exp(-d / tauPlus) for d > 0, -aMinus exp(-|d| / tauMinus) for d < 0, at d = 0 aPlus (causal) or -aMinus (acausal); or a table; under the triplet schemes a kernel of type triplet.`,
    // Filled in by `checkRelations`, as it depends on the scheme; this is the one for pairs.
    default: defaultKernel,
  }),
);
