import { describe, expect, it } from 'vitest';
import { exp, ln, powerOfTwo } from '../src/numeric/elementary.ts';
import { chiSquareTail, normalTwoSided, poissonTwoSided } from '../src/numeric/tails.ts';
import { PURPOSE, randomBlock } from '../src/random/address.ts';
import { normalFromWord, upperTailQuantile } from '../src/random/normal.ts';
import { philox4x32, type Words4 } from '../src/random/philox.ts';
import { Sfc32 } from '../src/random/sfc32.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { logisticTable, rhoOf } from '../src/stdp/rho.ts';

const hex = (words: Words4) => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('Philox4x32-10', () => {
  it.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ] as const)('gives the known answer of Random123 for counter %j', (counter, [k0, k1], answer) => {
    expect(hex(philox4x32(k0, k1, counter))).toBe(answer);
  });
});

describe('sfc32', () => {
  it('gives the known answers for seed 12345 after its usual 12 rounds', () => {
    const random = new Sfc32([0, 12345, 0, 1]);
    for (let round = 0; round < 12; round++) random.next();
    const words = Array.from({ length: 10 }, () => random.next() >>> 0);
    expect(words).toEqual([
      235160590, 2967261163, 116171463, 2882324903, 362604721, 4227106926, 1933307004, 1608300071, 2256615412,
      2701957640,
    ]);
  });
});

describe('addresses', () => {
  it('give different blocks wherever one coordinate differs', () => {
    const seen = new Set<string>();
    const values = [0, 1, 2, 65535, 65536, 2 ** 31, 2 ** 32 - 1];
    for (const seed of values) {
      for (const purpose of Object.values(PURPOSE)) {
        for (const sequence of values) {
          for (const trial of values) {
            for (const step of values) seen.add(randomBlock(seed, purpose, sequence, trial, step).join());
          }
        }
      }
    }
    expect(seen.size).toBe(values.length ** 4 * Object.values(PURPOSE).length);
  });

  it('of neighbouring trials start generators whose words do not correlate', () => {
    // Agreement of bits between trial m and m + 1 at the same place: Binomial(n, 1/2).
    let agreeing = 0;
    let bits = 0;
    const words = (trial: number) => {
      const random = new Sfc32(randomBlock(7, PURPOSE.spikes, 3, trial, 0));
      return Array.from({ length: 32 }, () => random.next());
    };
    let previous = words(0);
    for (let trial = 1; trial <= 4000; trial++) {
      const next = words(trial);
      next.forEach((word, index) => {
        let same = ~(word ^ previous[index]!);
        for (; same !== 0; same &= same - 1) agreeing++;
        bits += 32;
      });
      previous = next;
    }
    expect(Math.abs(agreeing - bits / 2) / Math.sqrt(bits / 4)).toBeLessThan(4.5);
  });
});

describe('normal deviates', () => {
  /** Upper tail of the normal distribution by Simpson's rule on the density: independent of the quantile's fit. */
  const upperTail = (z: number) => {
    const end = z + 12;
    const n = 20_000;
    const h = (end - z) / n;
    let sum = 0;
    for (let i = 0; i <= n; i++) {
      const x = z + i * h;
      sum += Math.exp((-x * x) / 2) * (i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2);
    }
    return (sum * h) / 3 / Math.sqrt(2 * Math.PI);
  };

  it('come from the quantile function of the normal distribution', () => {
    for (const q of [0.5, 0.49, 0.3, 0.1, 0.075, 0.0749, 0.01, 1e-4, 1e-7, 2 ** -33]) {
      expect(upperTail(upperTailQuantile(q)) / q).toBeCloseTo(1, 9);
    }
  });

  it('are within 4e-6 of it for every kind of word', () => {
    let worst = 0;
    let wrongSigns = 0;
    for (let i = 0; i < 400_000; i++) {
      const word = (Math.imul(i, 0x9e3779b1) >>> 0) >>> (i % 32);
      const exact = upperTailQuantile(((word | 1) >>> 0) / 2 ** 33);
      const got = normalFromWord(word) / 2 ** 24;
      if (got < 0 !== ((word & 1) === 1)) wrongSigns++;
      worst = Math.max(worst, Math.abs(Math.abs(got) - exact));
    }
    expect(worst).toBeLessThan(4e-6);
    expect(wrongSigns).toBe(0);
  });

  it('have the moments of the normal distribution', () => {
    const n = 2 ** 20;
    const moments = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const z = normalFromWord(randomBlock(1, PURPOSE.preDrive, 0, 0, i)[0]) / 2 ** 24;
      for (let k = 0; k < 4; k++) moments[k]! += z ** (k + 1) / n;
    }
    // Standard errors: √(var of z^k / n) with variances 1, 2, 15, 96.
    [0, 1, 0, 3].forEach((expected, k) => {
      expect(Math.abs(moments[k]! - expected)).toBeLessThan(4.5 * Math.sqrt([1, 2, 15, 96][k]! / n));
    });
  });
});

describe('elementary functions from exact operations', () => {
  it('agree with the engine’s own to a few units in the last place', () => {
    for (let i = -2000; i <= 2000; i++) {
      const x = i * 0.173;
      expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-15);
      const y = Math.exp(x);
      expect(Math.abs(ln(y) - Math.log(y))).toBeLessThan(1e-15 * Math.max(1, Math.abs(x)));
    }
    expect(powerOfTwo(-1074)).toBe(Number.MIN_VALUE);
    expect(ln(0)).toBeNaN();
  });
});

describe('the logistic rate', () => {
  it('is within 2e-7 of the logistic function, whatever its slope', () => {
    for (const [slope, midpoint] of [
      [8, 0.3],
      [0.01, -400],
      [300, 0.25],
      [1e5, 0.1],
    ] as const) {
      const { pre } = planExperiment(parseSpec({ pre: { rho: { type: 'logistic', slope, midpoint } } }));
      for (let i = -400; i <= 400; i++) {
        const s = Math.round((midpoint + (i * 0.045) / slope) * 2 ** pre.fractionBits);
        const exact = 1 / (1 + Math.exp(-slope * (s / 2 ** pre.fractionBits - midpoint)));
        // The argument is rounded to 2⁻²⁰ and the midpoint to a unit of s.
        const rounding = 0.25 * (2 ** -20 + slope * 2 ** -pre.fractionBits);
        expect(Math.abs(rhoOf(s, pre) / 2 ** 30 - exact)).toBeLessThan(2e-7 + rounding);
      }
    }
    expect(logisticTable()[0]).toBe(2 ** 29);
  });
});

describe('tail probabilities', () => {
  it('agree with published values', () => {
    expect(chiSquareTail(3.841458820694124, 1)).toBeCloseTo(0.05, 12);
    expect(chiSquareTail(55.75847927888702, 40)).toBeCloseTo(0.05, 12);
    expect(normalTwoSided(1.959963984540054)).toBeCloseTo(0.05, 12);
    expect(normalTwoSided(5) / 5.733031437583878e-7).toBeCloseTo(1, 9);
    // Poisson(3): P(X ≥ 8) = 0.011904503856357, P(X ≤ 0) = e⁻³.
    expect(poissonTwoSided(8, 3)).toBeCloseTo(2 * 0.011904503856357, 12);
    expect(poissonTwoSided(0, 3)).toBeCloseTo(2 * Math.exp(-3), 12);
    expect(poissonTwoSided(1, 1e-9) / 2e-9).toBeCloseTo(1, 6);
  });
});
