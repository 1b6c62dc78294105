import type { InferenceSettings } from '../inference-settings.ts';
import type { GenerativeModel, ModelParameters, Numbers } from '../model.ts';
import { infer, seenThrough } from './infer.ts';
import { decode } from './maps.ts';

/**
 * Fills in missing pixels (generative paper, §8, Fig. 5): rounds of INFERENCE, with the pressure of the visible pixels
 * only, and decoding, with the visible pixels clamped.
 *
 * @param pixels shape [examples][pixels]; where pixels are missing, what to start from
 * @param visible 1 where a pixel is seen, else 0, shape as `pixels`
 * @param onRound told the pixels after each round
 * @returns the pixels, the visible ones as they were
 */
export function inpaint<A extends Numbers>(
  model: GenerativeModel,
  parameters: ModelParameters<A>,
  pixels: A,
  visible: A,
  settings: InferenceSettings & { readonly rounds: number },
  onRound?: (pixels: A, round: number) => void,
): A {
  let filled = pixels;
  for (let round = 1; round <= settings.rounds; round++) {
    const state = infer(model, parameters, filled, settings, { visible });
    filled = seenThrough(pixels, decode(model, parameters, 1, state[0]!), visible);
    onRound?.(filled, round);
  }
  return filled;
}
