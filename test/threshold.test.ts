import { describe, expect, test } from 'vitest';
import { gammaQ } from '../src/numeric/tails.ts';
import { parseThresholdSpec } from '../src/stdp/threshold/parse-threshold.ts';
import { runThreshold } from '../src/stdp/threshold/run-threshold.ts';
import { crossingChances } from '../src/stdp/threshold/threshold-form.ts';
import { planThreshold } from '../src/stdp/threshold/threshold-plan.ts';
import { thresholdResult } from '../src/stdp/threshold/threshold-results.ts';
import { openThresholdTwin } from '../src/stdp/threshold/threshold-twin.ts';
import { errorOf } from './support/errors.ts';

async function resultOf(input: object) {
  const plan = planThreshold(parseThresholdSpec(input));
  const { sums } = await runThreshold(openThresholdTwin(plan), plan);
  return { plan, sums, ...thresholdResult(plan, sums) };
}

describe('threshold crossing', () => {
  test.each([
    { noise: 0 },
    { noise: 0.1 },
    { noise: 0.6, window: 12, slopes: { low: 0.005 } },
    { seed: 5, threshold: -50, low: -70, window: 30, slopes: { low: 0.3, high: 45, count: 9 } },
  ])('puts every crossing where the closed form expects it: %o', async (input) => {
    const { plan, sums, slopes, z } = await resultOf({ trials: 4000, ...input });
    const { window } = plan.spec;
    let chiSquare = 0;
    let cells = 0;
    plan.slopes.forEach((_, row) => {
      const chances = crossingChances(plan, row);
      expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 9);
      chances.forEach((chance, steps) => {
        const expected = chance * sums.trials;
        const found = sums.counts[row * (window + 1) + steps]!;
        if (expected < 1e-3) expect(found).toBe(0);
        if (expected < 10) return;
        chiSquare += (found - expected) ** 2 / expected;
        cells++;
      });
    });
    // Cells of a row share their trials: a little fewer degrees of freedom than cells.
    expect(gammaQ(cells / 2, chiSquare / 2)).toBeGreaterThan(1e-4);
    expect(gammaQ((cells - plan.slopes.length) / 2, chiSquare / 2)).toBeLessThan(1 - 1e-4);
    for (const value of z) expect(Math.abs(value)).toBeLessThan(4.5);
    for (const { dw, dt } of slopes) if (dt !== null) expect(Math.sign(dt)).toBe(Math.sign(dw));
  });

  test('has ΔW fall off with |ΔT| on either side, with the halves mirrored (generative paper Fig. 1)', async () => {
    const { slopes, timing, plan } = await resultOf({});
    const rising = slopes.filter(({ dw }) => dw > 0);
    const falling = slopes.filter(({ dw }) => dw < 0).reverse();
    rising.forEach(({ dw, dt, dtExpected }, index) => {
      expect(falling[index]!.dw).toBe(-dw);
      expect(falling[index]!.dtExpected).toBeCloseTo(-dtExpected!, 12);
      if (index > 0) expect(dt!).toBeLessThan(rising[index - 1]!.dt!);
      // Between whole steps and continuous time: (threshold − low) / (2 V̇) and half a step more.
      expect(dtExpected!).toBeCloseTo(1 / (2 * dw) + 0.5, 0.9);
    });
    const after = timing.filter(({ dt, crossings }) => dt > 0 && crossings > 200);
    expect(after.length).toBeGreaterThan(10);
    after.forEach(({ dwExpected }, index) => {
      if (index > 0) expect(dwExpected!).toBeLessThanOrEqual(after[index - 1]!.dwExpected!);
    });
    for (const { dw, dwSe, dwExpected, crossings } of timing) {
      if (crossings > 200) expect(Math.abs(dw! - dwExpected!)).toBeLessThan(4.5 * dwSe!);
    }
    expect(timing).toHaveLength(2 * plan.spec.window);
  });
});

test.each<[object, string]>([
  [{ low: 2 }, 'low'],
  [{ slopes: { low: 0 } }, 'slopes.low'],
  [{ slopes: { low: 1, high: 0.5 } }, 'slopes.low'],
  [{ slopes: { low: 1e-8, high: 1 } }, 'slopes.low'],
  [{ window: 2000 }, 'window'],
  [{ trials: 2 ** 33 }, 'trials'],
  [{ noise: -1 }, 'noise'],
  [{ depth: 1 }, 'depth'],
])('the spec of a threshold crossing refuses %o', (input, path) => {
  expect(errorOf(() => parseThresholdSpec(input))).toMatchObject({ code: 'invalid-spec', path });
});
