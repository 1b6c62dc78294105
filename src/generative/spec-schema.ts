import * as v from 'valibot';
import { between, count, integer, oneOf, positive, section } from '../spec/schema-parts.ts';
import type { InferenceSettings } from './inference-settings.ts';
import { type GenerativeSpec, type SettingName, settingNames, settings } from './spec.ts';

/** Most units of a layer: one matrix of weights stays below 2²⁸ bytes. */
const LARGEST_LAYER = 8192;
/** Most latent layers; random numbers have slots for 15. */
const MOST_LAYERS = 8;
const MOST_UPDATES = 2 ** 26;

const inference = (defaults: InferenceSettings, description: string) =>
  v.optional(
    section(
      {
        steps: v.optional(integer(0, 1000, 'N: steps after the feedforward pass.'), defaults.steps),
        delta: v.optional(between(0, 2, 'delta: rate of the pressure from below.'), defaults.delta),
        alpha: v.optional(between(0, 1, 'alpha: rate of the pressure from above.'), defaults.alpha),
      },
      description,
    ),
    defaults,
  );

const inputs = (defaults: { readonly sd: number; readonly mean: number }, description: string) =>
  v.optional(
    section(
      {
        sd: v.optional(positive(1000, 'Standard deviation over images.'), defaults.sd),
        mean: v.optional(between(-1000, 1000, 'Mean over images.'), defaults.mean),
      },
      description,
    ),
    defaults,
  );

const start = v.picklist(['uniform', 'imprint'], oneOf(['uniform', 'imprint']));

const topStarts = ['uniform', 'imprint', 'principal'] as const;
const topStart = v.picklist(topStarts, oneOf(topStarts));

function trainingSection(defaults: GenerativeSpec['training']) {
  const { matching, corruption, homeostasis, walkback, rates } = defaults;
  return section(
    {
      epochs: v.optional(count(10_000, 'Times that every image is seen.'), defaults.epochs),
      batch: v.optional(integer(2, 10_000, 'Images of an update.'), defaults.batch),
      start: v.optional(
        section(
          {
            hidden: v.optional(v.pipe(start, v.description('Encoders of the hidden layers.')), defaults.start.hidden),
            top: v.optional(v.pipe(topStart, v.description('Encoder of the top layer.')), defaults.start.top),
          },
          'How the encoders start: Glorot-uniform weights, one image a unit, or principal directions.',
        ),
        defaults.start,
      ),
      matching: v.optional(
        section(
          {
            pool: v.optional(
              integer(0, 65_536, 'Top states drawn and decoded for each update; 0: no matching.'),
              matching.pool,
            ),
            sd: v.optional(positive(10, 'Standard deviation that they are drawn with, around 0.5.'), matching.sd),
          },
          'E-step that starts from the state of a pool whose pixels are nearest.',
        ),
        matching,
      ),
      inference: inference(defaults.inference, 'INFERENCE of the E-step.'),
      corruption: v.optional(
        section(
          {
            pixels: v.optional(between(0, 10, 'Standard deviation of noise on pixels.'), corruption.pixels),
            hidden: v.optional(
              between(0, 10, 'Standard deviation of noise on a hidden unit, in units of its own.'),
              corruption.hidden,
            ),
            spikes: v.optional(
              integer(0, 4, 'Bernoulli samples whose mean stands for a top unit; 0: the unit itself.'),
              corruption.spikes,
            ),
          },
          'Noise on what the maps learn from.',
        ),
        corruption,
      ),
      homeostasis: v.optional(
        section(
          {
            rate: v.optional(between(0, 1, 'Share of the way per update; 0: none.'), homeostasis.rate),
            hidden: inputs(homeostasis.hidden, 'Input of softplus units that is aimed at, and that they start with.'),
            top: inputs(homeostasis.top, 'Input of top units.'),
          },
          "What keeps the inputs of the encoders' units in their range.",
        ),
        homeostasis,
      ),
      walkback: v.optional(
        section(
          {
            share: v.optional(
              between(0, 1, 'Largest share of top units that take values of the prior.'),
              walkback.share,
            ),
            rounds: v.optional(integer(0, 10, 'Most rounds of decoding and INFERENCE; 0: no walks.'), walkback.rounds),
            inference: inference(walkback.inference, 'INFERENCE in a round.'),
          },
          'Walks from beside the data, from which the decoders learn to come back.',
        ),
        walkback,
      ),
      rates: v.optional(
        section(
          {
            decoders: v.optional(positive(1, "Adam's step size of the decoders; falls linearly to 0."), rates.decoders),
            encoders: v.optional(
              between(0, 10, "Of the hidden layers' encoders, as a multiple of that."),
              rates.encoders,
            ),
            topEncoder: v.optional(between(0, 10, "Of the top layer's encoder, likewise."), rates.topEncoder),
            encoderRamp: v.optional(integer(0, MOST_UPDATES, 'Updates over which it grows from 0.'), rates.encoderRamp),
          },
          'Step sizes.',
        ),
        rates,
      ),
    },
    'TRAIN.',
  );
}

/** Shape, defaults and ranges of a training's spec, with the numbers of a named setting where it is silent. */
export function generativeSchema(name: SettingName) {
  const defaults = settings[name];
  const layersExpected = `2 to ${MOST_LAYERS} integers from 1 to ${LARGEST_LAYER}`;
  return section(
    {
      setting: v.optional(
        v.pipe(
          v.picklist(settingNames, oneOf(settingNames)),
          v.description('Whose numbers stand where the spec is silent.'),
        ),
        name,
      ),
      seed: v.optional(integer(0, 2 ** 32 - 1, 'Seed of every random number.'), defaults.seed),
      layers: v.optional(
        v.pipe(
          v.array(integer(1, LARGEST_LAYER, 'Units.'), layersExpected),
          v.minLength(2, layersExpected),
          v.maxLength(MOST_LAYERS, layersExpected),
          v.description('Units of the latent layers, from the first above the pixels to the top.'),
        ),
        [...defaults.layers],
      ),
      hiddenScale: v.optional(
        positive(1000, 'Unit of activity of the softplus layers: what log p(x, h) makes of them beside the pixels.'),
        defaults.hiddenScale,
      ),
      training: v.optional(trainingSection(defaults.training), defaults.training),
      prior: v.optional(
        section(
          {
            varianceFactor: v.optional(
              between(0, 100, 'What the empirical variance of top units is multiplied with.'),
              defaults.prior.varianceFactor,
            ),
            images: v.optional(
              integer(2, 2 ** 26, 'Training images that it is measured on, at most.'),
              defaults.prior.images,
            ),
          },
          'p(h) of the top layer.',
        ),
        defaults.prior,
      ),
      generation: v.optional(
        section(
          {
            rounds: v.optional(integer(0, 1000, 'Rounds of encoding and decoding.'), defaults.generation.rounds),
            inference: inference(defaults.generation.inference, 'INFERENCE in a round.'),
          },
          'GENERATE.',
        ),
        defaults.generation,
      ),
    },
    'A training of the generative model.',
  );
}
