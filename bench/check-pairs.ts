import { chiSquareTail, poissonTwoSided } from '../src/numeric/tails.ts';
import { SMALLEST_CHANCE } from '../src/stdp/check.ts';
import type { Verdict } from './workload.ts';

/** Distances with fewer expected pairs are left out of χ². */
const FEWEST_PAIRS = 10;

/**
 * Compares numbers of pairs by distance with their exact expectation, for baselines that give nothing else: the worst
 * distance by Poisson tails, all together by χ². (What gives whole tallies is held against `checkTallies`.)
 *
 * @param pairs, expected shape [2D + 1]; the middle, presynaptic spikes without a pair, is not looked at.
 * @param peak largest spike probability: the numbers at two distances on one side correlate by less, because pairs
 *   can share their postsynaptic spike. χ² is scaled for that.
 */
export function checkPairs(pairs: ArrayLike<number>, expected: ArrayLike<number>, peak: number): Verdict {
  const bins = expected.length;
  const window = (bins - 1) / 2;
  let worst = 1;
  let statistic = 0;
  let degrees = 0;
  for (let bin = 0; bin < bins; bin++) {
    if (bin === window) continue;
    const count = pairs[bin] ?? Number.NaN;
    const mean = expected[bin]!;
    if (!Number.isSafeInteger(count) || count < 0) return { correct: false, chance: 0 };
    worst = Math.min(worst, poissonTwoSided(count, mean));
    if (mean < FEWEST_PAIRS) continue;
    statistic += (count - mean) ** 2 / mean;
    degrees++;
  }
  const scale = 1 + (window - 1) * peak ** 2;
  const together = degrees === 0 ? 1 : chiSquareTail(statistic / scale, degrees / scale);
  const chance = Math.min(1, 2 * Math.min(together, worst * 2 * window));
  return { correct: chance >= SMALLEST_CHANCE, chance };
}
