import { NETWORK_PURPOSE } from '../random/network-purposes.ts';
import { createModel } from './model.ts';
import { normalsOf, uniformsOf } from './noise.ts';
import type { PortableModel } from './portable-model.ts';
import { fromQuantised } from './quantised-model.ts';
import { drawTop } from './reference/generate.ts';
import { infer, seenThrough } from './reference/infer.ts';
import { decode, decodeFromTop } from './reference/maps.ts';

/** A trained model that generates and fills in one image, round by round, on the CPU: for pages. */
export interface DigitPlayer {
  /** Pixels down and across. */
  readonly imageShape: readonly [number, number];
  /** The images of GENERATE one after another: the directed sample, then one after each round. @param seed 0 … 2³² − 1 */
  generate(seed: number): Generator<Float32Array>;
  /**
   * The image after each round of filling in, for as many rounds as are asked for. Missing pixels start from noise.
   *
   * @param pixels shape [pixels], 0 … 1 @param visible 1 where a pixel is seen, else 0
   */
  inpaint(pixels: Float32Array, visible: Float32Array, seed: number): Generator<Float32Array>;
}

/** A player of a model. @example const player = digitPlayer(await loadDigits('./digits.bin')); */
export function digitPlayer({ model, imageShape, parameters, prior, generation }: PortableModel): DigitPlayer {
  const { rounds, inference } = generation;
  const shape = createModel(model);
  const address = (seed: number, purpose: typeof NETWORK_PURPOSE.topStates | typeof NETWORK_PURPOSE.missingPixels) => ({
    seed,
    purpose,
    time: 0,
    firstRow: 0,
  });
  return {
    imageShape,
    *generate(seed) {
      const normals = normalsOf(prior.mean, address(seed, NETWORK_PURPOSE.topStates), 1, prior.mean.length);
      let pixels = decodeFromTop(shape, parameters, drawTop(prior, normals));
      yield pixels;
      for (let round = 0; round < rounds; round++) {
        pixels = decode(shape, parameters, 1, infer(shape, parameters, pixels, inference)[0]!);
        yield pixels;
      }
    },
    *inpaint(pixels, visible, seed) {
      const noise = uniformsOf(pixels, address(seed, NETWORK_PURPOSE.missingPixels), 1, pixels.length);
      let filled = seenThrough(pixels, noise, visible);
      yield filled;
      for (;;) {
        const state = infer(shape, parameters, filled, inference, { visible });
        filled = seenThrough(pixels, decode(shape, parameters, 1, state[0]!), visible);
        yield filled;
      }
    },
  };
}

/** Fetches a model that `generative export` wrote. @throws Error where it cannot be had, EngineError `file` where it is something else. */
export async function loadDigits(url: string | URL): Promise<PortableModel> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the model cannot be fetched: ${response.status}`);
  return fromQuantised(await response.arrayBuffer(), String(url));
}
