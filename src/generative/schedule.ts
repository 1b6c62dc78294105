import { type GenerativeModel, latentLayers } from './model.ts';
import { adam, type TrainingSettings } from './training-settings.ts';

/** Weight of one update in running means, from the hundredth on. */
const LEAST_STATISTICS_RATE = 0.01;

/** Adam's step sizes for one map. */
export interface MapRates {
  readonly weights: number;
  readonly biases: number;
}

/** Weight of update `updates` (from 0) in running means. */
export function statisticsRate(updates: number): number {
  return Math.max(1 / (updates + 1), LEAST_STATISTICS_RATE);
}

/** Step sizes of decoder `layer` (g_k, from layer k) in update `updates` (from 0) of `totalUpdates`. */
export function decoderRates(
  model: GenerativeModel,
  { rates }: TrainingSettings,
  layer: number,
  updates: number,
  totalUpdates: number,
): MapRates {
  return ratesOf(model, layer, rates.decoders * (1 - updates / totalUpdates));
}

/** Of encoder `layer` (f_k, from layer k − 1). */
export function encoderRates(
  model: GenerativeModel,
  { rates }: TrainingSettings,
  layer: number,
  updates: number,
  totalUpdates: number,
): MapRates {
  const ramp = rates.encoderRamp === 0 ? 1 : Math.min(1, updates / rates.encoderRamp);
  const multiple = layer === latentLayers(model) ? rates.topEncoder : rates.encoders;
  return ratesOf(model, layer - 1, rates.decoders * multiple * ramp * (1 - updates / totalUpdates));
}

/**
 * Adam's steps do not depend on the size of gradients, so that weights that read the activities of a layer need steps
 * in proportion to 1 / its unit of activity.
 */
function ratesOf({ sizes, hiddenScale }: GenerativeModel, inputLayer: number, rate: number): MapRates {
  const unit = inputLayer === 0 || inputLayer === sizes.length - 1 ? 1 : hiddenScale;
  return { weights: rate / unit, biases: rate };
}

/** Factors that free Adam's running means of their start at 0. @param update 1 for the first */
export function adamScales(update: number): { readonly firstScale: number; readonly secondScale: number } {
  return { firstScale: 1 / (1 - adam.decay ** update), secondScale: 1 / (1 - adam.squareDecay ** update) };
}
