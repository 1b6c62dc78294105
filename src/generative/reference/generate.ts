import type { InferenceSettings } from '../inference-settings.ts';
import { type GenerativeModel, type ModelParameters, type Numbers, type Prior, zerosLike } from '../model.ts';
import { infer } from './infer.ts';
import { decode, decodeFromTop } from './maps.ts';

/** Settings of GENERATE (generative paper, Algorithm 2). */
export interface GenerationSettings {
  /** Rounds of encoding and decoding. */
  readonly rounds: number;
  /** How INFERENCE is run in each. */
  readonly inference: InferenceSettings;
}

/** GENERATE as Algorithm 2 prints it. */
export const paperGeneration: GenerationSettings = {
  rounds: 3,
  inference: { steps: 15, delta: 0.1, alpha: 0.3 },
};

/** Samples of both models, shape [examples][pixels]. */
export interface Samples<A extends Numbers> {
  /** Of the directed model p(h_M) p(h_{M−1} | h_M) … p(x | h₁), its conditional means. */
  readonly directed: A;
  /** After the rounds of encoding and decoding that start from them. */
  readonly chain: A;
}

/**
 * States of the top layer drawn from the prior, kept in 0 … 1.
 *
 * @param normals standard normal deviates, shape [examples][units of the top layer]
 */
export function drawTop<A extends Numbers>({ mean, variance }: Prior<A>, normals: A): A {
  const top = zerosLike(mean, normals.length);
  for (let i = 0; i < top.length; i++) {
    const unit = i % mean.length;
    top[i] = Math.min(1, Math.max(0, mean[unit]! + Math.sqrt(variance[unit]!) * normals[i]!));
  }
  return top;
}

/**
 * GENERATE (generative paper, Algorithm 2): decode a state of the top layer, then encode by INFERENCE and decode with
 * g₁ a few times, so that the pixels move to what the model has seen in training.
 *
 * @param onRound told the pixels before the first round (0) and after each
 */
export function generate<A extends Numbers>(
  model: GenerativeModel,
  parameters: ModelParameters<A>,
  top: A,
  { rounds, inference }: GenerationSettings,
  onRound?: (pixels: A, round: number) => void,
): Samples<A> {
  const directed = decodeFromTop(model, parameters, top);
  onRound?.(directed, 0);
  let chain = directed;
  for (let round = 1; round <= rounds; round++) {
    const state = infer(model, parameters, chain, inference);
    chain = decode(model, parameters, 1, state[0]!);
    onRound?.(chain, round);
  }
  return { directed, chain };
}
