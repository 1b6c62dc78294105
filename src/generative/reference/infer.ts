import { activationOf, withinRange } from '../activation.ts';
import type { InferenceSettings } from '../inference-settings.ts';
import { type GenerativeModel, type LatentState, latentLayers, type ModelParameters, type Numbers } from '../model.ts';
import { decode, encode } from './maps.ts';

/** What inference can be given beside the pixels. */
export interface InferenceOptions<A extends Numbers> {
  /**
   * Which pixels are seen, 1 or 0, shape [examples][pixels]. The pressure of the others is left out: f₁(x) becomes
   * f₁(x^v, g^m(h)), in which the model's own reconstruction stands for them (generative paper, §8). Default: all.
   */
  readonly visible?: A;
  /** Where the top layer starts, shape [examples][units]. Default: what its encoder says in the feedforward pass. */
  readonly top?: A;
  /**
   * Temperature T of Langevin dynamics (Algorithm 1, the MCMC variant): every step adds √(2δT) · n to every latent
   * unit, n ~ Normal(0, 1). Default 0: the deterministic MAP variant.
   */
  readonly temperature?: number;
  /** The n of a layer in a step (from 1), shape [examples][units]; needed where the temperature is not 0. */
  readonly normals?: (layer: number, step: number) => A;
  /** Told the state after the feedforward pass (step 0) and after every step; it is changed in place afterwards. */
  readonly onStep?: (state: LatentState<A>, step: number) => void;
}

/**
 * INFERENCE (generative paper, Algorithm 2): latent states that agree with the pixels and with each other. The pressure
 * of a layer on the one above is difference target propagation, f(h_below) − f(g(h)), in place of the gradient
 * ∂ log p(h_below | h) / ∂h (Eq. 12); no derivative is taken and no error crosses a layer.
 *
 * In each step the top layer moves first, and a layer sees those above it as they are by then. The factor 1/σ_h² of
 * Eq. 12 is in δ. States stay in the range of their units.
 *
 * @param pixels shape [examples][pixels], 0 … 1
 */
export function infer<A extends Numbers>(
  model: GenerativeModel,
  parameters: ModelParameters<A>,
  pixels: A,
  { steps, delta, alpha }: InferenceSettings,
  { visible, top, temperature = 0, normals, onStep }: InferenceOptions<A> = {},
): LatentState<A> {
  const layers = latentLayers(model);
  const state: A[] = [];
  for (let layer = 1; layer <= layers; layer++) {
    const given = layer === layers ? top : undefined;
    state.push(given ? (given.slice() as A) : encode(model, parameters, layer, state.at(-1) ?? pixels));
  }
  // The pixels are clamped, and so is what they ask of the first layer.
  const fromPixels = Array.from(state[0]!);
  onStep?.(state, 0);
  for (let step = 1; step <= steps; step++) {
    for (let layer = layers; layer >= 1; layer--) {
      const h = state[layer - 1]!;
      const reconstruction = decode(model, parameters, layer, h);
      const target = targetOf(layer, reconstruction);
      const difference = encode(model, parameters, layer, reconstruction);
      const above = layer < layers ? decode(model, parameters, layer + 1, state[layer]!) : undefined;
      const noise = temperature > 0 ? normals?.(layer, step) : undefined;
      const noiseSize = Math.sqrt(2 * delta * temperature);
      const activation = activationOf(model, layer);
      for (let i = 0; i < h.length; i++) {
        let next = h[i]! + delta * (target[i]! - difference[i]!);
        if (above) next += alpha * (above[i]! - h[i]!);
        if (noise) next += noiseSize * noise[i]!;
        h[i] = withinRange(activation, next);
      }
    }
    onStep?.(state, step);
  }
  return state;

  function targetOf(layer: number, reconstruction: A): ArrayLike<number> {
    if (layer > 1) return encode(model, parameters, layer, state[layer - 2]!);
    if (!visible) return fromPixels;
    return encode(model, parameters, 1, seenThrough(pixels, reconstruction, visible));
  }
}

/** Pixels where they are seen, and what stands for them elsewhere. */
export function seenThrough<A extends Numbers>(pixels: A, substitute: A, visible: A): A {
  const seen = pixels.slice() as A;
  for (let i = 0; i < seen.length; i++) if (visible[i] === 0) seen[i] = substitute[i]!;
  return seen;
}
