import { describe, expect, it } from 'vitest';
import { expectedSequence, type SequenceRates } from '../src/stdp/closed-form.ts';
import { nearestExclusive } from '../src/stdp/pairing.ts';
import { defaultSpec } from '../src/stdp/spec-defaults.ts';

/**
 * Expectation by brute force: every pair of spike trains, weighted with its probability, paired as the STDP paper
 * says (§5.1) in the plainest words.
 */
function enumerate({ pre, post, rate }: SequenceRates, window: number, first: number, end: number) {
  const steps = pre.length;
  const pairs = new Float64Array(2 * window + 1);
  const rateSums = new Float64Array(2 * window + 1);
  for (let train = 0; train < 2 ** steps; train++) {
    const spikes = Array.from({ length: steps }, (_, t) => (train >> t) & 1);
    const chance = spikes.reduce((product, spike, t) => product * (spike ? post[t]! : 1 - post[t]!), 1);
    for (let t = first; t < end; t++) {
      if (spikes[t]) continue;
      const distances = spikes.flatMap((spike, at) => (spike && Math.abs(at - t) <= window ? [at - t] : []));
      const after = distances.filter((d) => d > 0);
      const before = distances.filter((d) => d < 0);
      if ((after.length === 0) === (before.length === 0)) continue;
      const d = after.length > 0 ? Math.min(...after) : Math.max(...before);
      pairs[d + window]! += chance * pre[t]!;
      rateSums[d + window]! += chance * pre[t]! * rate[t]!;
    }
  }
  return { pairs, rateSums };
}

const rates = (steps: number, scale: number): SequenceRates => ({
  pre: Float64Array.from({ length: steps }, (_, t) => scale * (0.5 + 0.4 * Math.sin(t))),
  post: Float64Array.from({ length: steps }, (_, t) => scale * (0.5 + 0.45 * Math.cos(1.7 * t))),
  rate: Float64Array.from({ length: steps }, (_, t) => Math.sin(0.3 * t + 1)),
});

describe('the closed form', () => {
  it.each([
    ['interior', 3, 11, 3, 8, 0.9],
    ['truncated', 4, 11, 0, 11, 0.4],
    ['truncated, window longer than the sequence', 14, 10, 0, 10, 0.7],
    ['certain spikes', 2, 9, 2, 7, 1 / 0.95],
  ] as const)('equals the enumeration of all spike trains (%s)', (_, window, steps, first, end, scale) => {
    const sequence = rates(steps, scale);
    const expected = enumerate(sequence, window, first, end);
    const got = expectedSequence(sequence, {
      pairing: { ...defaultSpec.pairing, window },
      firstPaired: first,
      pairedSteps: end - first,
    });
    got.pairs.forEach((value, bin) => {
      expect(value).toBeCloseTo(expected.pairs[bin]!, 13);
    });
    got.rateSums.forEach((value, bin) => {
      expect(value).toBeCloseTo(expected.rateSums[bin]!, 13);
    });
  });
});

describe('nearest-exclusive pairing', () => {
  const at = (...spikes: number[]) => Uint8Array.from({ length: 20 }, (_, t) => (spikes.includes(t) ? 1 : 0));

  it.each([
    ['one spike after', at(12), 2],
    ['one spike before', at(7), -3],
    ['several on one side: the nearest', at(13, 11, 14), 1],
    ['spikes on both sides', at(9, 12), 0],
    ['a coincident spike', at(10, 12), 0],
    ['none within the window', at(4, 16), 0],
    ['at the very edge of the window', at(15), 5],
    ['none at all', at(), 0],
  ])('%s', (_, post, distance) => {
    expect(nearestExclusive(post, 10, 5)).toBe(distance);
  });

  it('takes steps outside the sequence as silent', () => {
    expect(nearestExclusive(at(2), 0, 5)).toBe(2);
    expect(nearestExclusive(at(18), 19, 5)).toBe(-1);
  });
});
