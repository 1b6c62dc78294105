import { randomBlock } from '../../random/address.ts';
import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import { NORMAL_FRACTION_BITS, normalFromWord } from '../../random/normal.ts';
import {
  type GenerativeModel,
  type LatentState,
  type ModelParameters,
  type Numbers,
  type Prior,
  topUnits,
  zerosLike,
} from '../model.ts';
import { spikeMeans, uniformFromWord } from '../noise.ts';
import type { TrainingSettings } from '../training-settings.ts';
import { infer } from './infer.ts';
import { decodeFromTop } from './maps.ts';

/** Slots of time that one update has for random numbers: layers, or rounds of a walk. */
export const SLOTS = 16;

/** Rounds of the walks of an update: 1 … `most`, all equally likely. */
export function walkRounds(seed: number, update: number, most: number): number {
  const [word] = randomBlock(seed, NETWORK_PURPOSE.walkRounds, 0, update, 0);
  return 1 + Math.floor(uniformFromWord(word) * most);
}

/**
 * The top state that a walk starts from: of each row a share of the units takes values of the prior, with its variance
 * times `varianceFactor`. The share of a row is `share` · uniform; whether a unit is taken and the value it gets are
 * words 0 and 1 of its own random block.
 *
 * @param top shape [rows][units]
 */
export function walkStart<A extends Numbers>(
  top: A,
  { mean, variance }: Prior<A>,
  share: number,
  seed: number,
  update: number,
): A {
  const units = mean.length;
  const start = zerosLike(top, top.length);
  for (let row = 0; row < top.length / units; row++) {
    const [shareWord] = randomBlock(seed, NETWORK_PURPOSE.walkUnits, row, update, units);
    const rowShare = share * uniformFromWord(shareWord);
    for (let unit = 0; unit < units; unit++) {
      const at = row * units + unit;
      const [taken, normal] = randomBlock(seed, NETWORK_PURPOSE.walkUnits, row, update, unit);
      if (uniformFromWord(taken) >= rowShare) {
        start[at] = top[at]!;
        continue;
      }
      const deviate = normalFromWord(normal) * 2 ** -NORMAL_FRACTION_BITS;
      start[at] = Math.min(1, Math.max(0, mean[unit]! + Math.sqrt(variance[unit]!) * deviate));
    }
  }
  return start;
}

/** The latent state at the end of a walk: rounds of spikes, decoding and INFERENCE. See `WalkbackSettings`. */
export function walk<A extends Numbers>(
  model: GenerativeModel,
  parameters: ModelParameters<A>,
  start: A,
  { walkback, corruption }: Pick<TrainingSettings, 'walkback' | 'corruption'>,
  seed: number,
  update: number,
): LatentState<A> {
  const rounds = walkRounds(seed, update, walkback.rounds);
  let top = start;
  let state: LatentState<A> = [];
  for (let round = 0; round < rounds; round++) {
    const address = { seed, purpose: NETWORK_PURPOSE.walkSpikes, time: update * SLOTS + round, firstRow: 0 };
    const spikes = corruption.spikes === 0 ? top : spikeMeans(top, address, topUnits(model), corruption.spikes);
    state = infer(model, parameters, decodeFromTop(model, parameters, spikes), walkback.inference);
    top = state.at(-1)!;
  }
  return state;
}
