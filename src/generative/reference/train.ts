import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import { activationOf } from '../activation.ts';
import {
  type GenerativeModel,
  type LatentState,
  type LayerMap,
  latentLayers,
  type ModelParameters,
  type Numbers,
  type Prior,
  zerosLike,
} from '../model.ts';
import { normalsOf, spikeMeans } from '../noise.ts';
import { decoderRates, encoderRates, type MapRates, statisticsRate } from '../schedule.ts';
import type { TrainingSettings } from '../training-settings.ts';
import { infer } from './infer.ts';
import { drawPool, matchedTop } from './match.ts';
import { adamStep, homeostasis, type Moments, momentsOf, regressionGradient } from './regression.ts';
import { SLOTS, walk, walkStart } from './walk.ts';

/** What training keeps from one update to the next. */
export interface TrainingState<A extends Numbers = Float32Array> {
  readonly parameters: ModelParameters<A>;
  readonly moments: {
    readonly encoders: readonly MapMoments<A>[];
    readonly decoders: readonly MapMoments<A>[];
  };
  /** Running mean and variance over images of each unit of each latent layer. */
  readonly statistics: readonly Prior<A>[];
  /** Updates done. */
  readonly updates: number;
}

/** Adam's running means of one map. */
export interface MapMoments<A extends Numbers> {
  readonly weights: Moments<A>;
  readonly biases: Moments<A>;
}

/** State before the first update. */
export function freshState<A extends Numbers>(
  model: GenerativeModel,
  parameters: ModelParameters<A>,
): TrainingState<A> {
  const zeros = (values: A) => ({ first: zerosLike(values, values.length), second: zerosLike(values, values.length) });
  const moments = (maps: readonly LayerMap<A>[]) =>
    maps.map(({ weights, biases }) => ({ weights: zeros(weights), biases: zeros(biases) }));
  const kind = parameters.encoders[0]!.biases;
  return {
    parameters,
    moments: { encoders: moments(parameters.encoders), decoders: moments(parameters.decoders) },
    statistics: model.sizes
      .slice(1)
      .map((units) => ({ mean: zerosLike(kind, units), variance: zerosLike(kind, units) })),
    updates: 0,
  };
}

/**
 * One update of TRAIN (generative paper, Algorithm 2), in place: the E-step infers the latent state of the batch, the
 * M-step moves each map towards its own local target. This is the reference of the GPU's update and uses the same
 * random numbers.
 *
 * @param pixels the batch, shape [batch][pixels]
 * @param totalUpdates of the whole training; the rates fall to 0 over them
 * @param varianceFactor what the prior's variance is multiplied with, as in generation
 * @returns the state after it; its arrays are those of `state`
 */
export function trainingUpdate<A extends Numbers>(
  model: GenerativeModel,
  state: TrainingState<A>,
  pixels: A,
  settings: TrainingSettings,
  { seed, totalUpdates, varianceFactor }: { seed: number; totalUpdates: number; varianceFactor: number },
): TrainingState<A> {
  const { parameters, moments, updates } = state;
  const layers = latentLayers(model);
  const pool = drawPool(model, parameters, settings.matching, seed, updates);
  const top = pool && matchedTop(model, pool, pixels);
  const inferred = infer(model, parameters, pixels, settings.inference, top ? { top } : {});
  updateStatistics(state.statistics, inferred, updates);
  const walked = walkedState();
  const clean = [pixels, ...inferred];
  const noisy = clean.map((values, layer) => corrupted(values, layer, 0));
  const rows = pixels.length / model.sizes[0]!;
  const noisyWalked =
    walked && ['pixels', ...walked].map((values, k) => (k === 0 ? pixels : corrupted(values as A, k, rows)));

  const steps = Array.from({ length: layers }, (_, k) => {
    const decoder = parameters.decoders[k]!;
    const input = noisyWalked ? joined(noisy[k + 1]!, noisyWalked[k + 1]!) : noisy[k + 1]!;
    const target = noisyWalked ? joined(clean[k]!, clean[k]!) : clean[k]!;
    const loss = k === 0 ? 'cross-entropy' : 'squares';
    // The top encoder learns what was drawn where something was.
    const [below, above] = pool && k + 1 === layers ? [pool[k]!, pool[k + 1]!] : [noisy[k]!, clean[k + 1]!];
    const encoder = parameters.encoders[k]!;
    return {
      decoder: regressionGradient(decoder, activationOf(model, k), loss, input, target, model.products),
      encoder: regressionGradient(encoder, activationOf(model, k + 1), 'squares', below, above, model.products),
    };
  });
  steps.forEach(({ decoder, encoder }, k) => {
    adamMap(
      parameters.decoders[k]!,
      decoder,
      moments.decoders[k]!,
      decoderRates(model, settings, k + 1, updates, totalUpdates),
      updates,
    );
    adamMap(
      parameters.encoders[k]!,
      encoder,
      moments.encoders[k]!,
      encoderRates(model, settings, k + 1, updates, totalUpdates),
      updates,
    );
  });
  if (settings.homeostasis.rate > 0) {
    for (let k = 0; k < layers; k++) {
      const input = k > 0 && walked ? joined(clean[k]!, walked[k - 1]!) : clean[k]!;
      const goal = k + 1 === layers ? settings.homeostasis.top : settings.homeostasis.hidden;
      homeostasis(parameters.encoders[k]!, input, settings.homeostasis.rate, goal, model.products);
    }
  }
  return { ...state, updates: updates + 1 };

  function walkedState(): LatentState<A> | undefined {
    const { share, rounds } = settings.walkback;
    if (rounds === 0) return undefined;
    const { mean, variance } = state.statistics.at(-1)!;
    const prior = { mean, variance: variance.map((value) => value * varianceFactor) as A };
    return walk(model, parameters, walkStart(inferred.at(-1)!, prior, share, seed, updates), settings, seed, updates);
  }

  function corrupted(values: A, layer: number, firstRow: number): A {
    const { corruption } = settings;
    const units = model.sizes[layer]!;
    const address = { seed, purpose: NETWORK_PURPOSE.layerNoise, time: updates * SLOTS + layer, firstRow };
    if (layer === layers)
      return corruption.spikes === 0 ? values : spikeMeans(values, address, units, corruption.spikes);
    const noise = normalsOf(values, address, values.length / units, units);
    return values.map((value, i) => {
      const sd =
        layer === 0
          ? corruption.pixels
          : corruption.hidden * Math.sqrt(state.statistics[layer - 1]!.variance[i % units]!);
      return value + sd * noise[i]!;
    }) as A;
  }
}

/** Running means: the first update's are those of its batch, later ones are worth a hundredth each. */
function updateStatistics<A extends Numbers>(
  statistics: readonly Prior<A>[],
  inferred: LatentState<A>,
  updates: number,
): void {
  const rate = statisticsRate(updates);
  inferred.forEach((values, k) => {
    const { mean, variance } = statistics[k]!;
    const batch = momentsOf(values, mean.length);
    for (let j = 0; j < mean.length; j++) {
      mean[j] = mean[j]! + rate * (batch.mean[j]! - mean[j]!);
      variance[j] = variance[j]! + rate * (batch.variance[j]! - variance[j]!);
    }
  });
}

function adamMap<A extends Numbers>(
  map: LayerMap<A>,
  gradient: LayerMap<A>,
  moments: MapMoments<A>,
  rates: MapRates,
  updates: number,
): void {
  if (rates.biases === 0) return;
  adamStep(map.weights, gradient.weights, moments.weights, rates.weights, updates + 1);
  adamStep(map.biases, gradient.biases, moments.biases, rates.biases, updates + 1);
}

function joined<A extends Numbers>(a: A, b: A): A {
  const both = zerosLike(a, a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
