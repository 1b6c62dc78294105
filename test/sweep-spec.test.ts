import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addSchemaCommand } from '../src/cli/commands/schema.ts';
import { EngineError } from '../src/errors.ts';
import { readSweep } from '../src/io/read-sweep.ts';
import { randomBlock } from '../src/random/address.ts';
import { experimentSchema, sweepSchema } from '../src/stdp/json-schema.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { defaultSpec } from '../src/stdp/spec-defaults.ts';
import { measureNames } from '../src/stdp/sweep/measure-names.ts';
import { parseSweep } from '../src/stdp/sweep/parse-sweep.ts';
import type { SweepPlan } from '../src/stdp/sweep/sweep-spec.ts';
import { errorOf, rejectionOf } from './support/errors.ts';
import { fits } from './support/json-schema.ts';

const all = (plan: SweepPlan) => Array.from({ length: plan.points }, (_, index) => plan.pointAt(index));
const valuesOf = (sweep: unknown) => all(parseSweep(sweep)).map(({ values }) => values);
/** Values of a sweep's only axis. */
const column = (sweep: unknown) => valuesOf(sweep).map(([value]) => value);
const overEpsilon = (axis: unknown, rest: object = {}) => ({ ...rest, axes: { 'post.epsilon': axis } });

/** Two sequences of three steps with a table on the presynaptic side. */
const tableBase = {
  sequences: 2,
  steps: 3,
  pairing: { edges: 'truncate' },
  pre: {
    drive: {
      type: 'table',
      values: [
        [0, 0.1, 0.2, 0.3],
        [1, 1.1, 1.2, 1.3],
      ],
    },
  },
};

const epsilons = { 'post.epsilon': [0.1, 0.2] };
const area = { measure: 'area_plus', se: 0.01, maxTrials: 5000 };

const goodSweeps: readonly (readonly [string, object])[] = [
  ['nothing', {}],
  ['no axes', { base: { trials: 5 }, axes: {} }],
  [
    'every form of axis',
    {
      axes: {
        trials: [5, 10],
        'pre.epsilon': { linspace: [0.1, 0.2, 3] },
        'pre.peak': { logspace: [0.1, 1, 2] },
        'post.peak': { uniform: [0.1, 1, 2] },
        'post.drive.sd': { loguniform: [0.1, 1, 2] },
      },
    },
  ],
  [
    'a Latin hypercube',
    { axes: { 'pre.peak': { uniform: [0.1, 1] }, 'post.peak': { loguniform: [0.1, 1] } }, latin: 3 },
  ],
  ['a zip', { axes: { ...epsilons, 'pre.epsilon': [0.3, 0.4] }, zip: [['post.epsilon', 'pre.epsilon']] }],
  ['one value', overEpsilon([0.5])],
  ['the same value twice', overEpsilon([0.5, 0.5])],
  ['one value of a linspace', overEpsilon({ linspace: [0.5, 0.5, 1] })],
  ['a descending linspace', overEpsilon({ linspace: [0.5, 0.1, 3] })],
  ['negative zero', { base: { pre: { drive: { mean: -0 } } }, axes: { 'post.drive.mean': [-0, 1] } }],
  ['replicates up to the largest seed', { base: { seed: 2 ** 32 - 3 }, replicates: 3 }],
  ['swept seeds', { axes: { seed: [0, 7, 2 ** 32 - 1] } }],
  ['a number in a table', { base: tableBase, axes: { 'pre.drive.values[1][2]': [5, 6] } }],
  ['sizes that a table has anyway', { base: tableBase, axes: { sequences: [2, 2], steps: [3] } }],
  ['measures', { measures: ['curve', 'area_plus'] }],
  ['until', { until: area }],
  ['until the most trials of a point', { axes: { trials: [10, 5000] }, until: area }],
  [
    'as many points as are allowed',
    { axes: { 'post.drive.mean': { linspace: [0, 1, 2 ** 10] } }, replicates: 2 ** 10 },
  ],
  ['nulls for what there is not', { latin: null, until: null }],
];

describe('the points of a sweep', () => {
  test('an empty sweep is the default experiment with every measure', () => {
    const plan = parseSweep({});
    expect(plan.spec).toEqual({
      base: defaultSpec,
      axes: {},
      zip: [],
      latin: null,
      replicates: 1,
      measures: measureNames,
      until: null,
    });
    expect(plan).toMatchObject({ points: 1, paths: [] });
    expect(plan.pointAt(0)).toEqual({ index: 0, values: [], replicate: 0, spec: defaultSpec });
  });

  test('a list is taken as it is', () => {
    expect(column(overEpsilon([0.3, 0.1, 0.1, 1]))).toEqual([0.3, 0.1, 0.1, 1]);
  });

  test('linspace has equal distances, both ends, and exact integers', () => {
    expect(column(overEpsilon({ linspace: [0.1, 0.5, 5] }))).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(column(overEpsilon({ linspace: [0.9, 0.1, 2] }))).toEqual([0.9, 0.1]);
    expect(column(overEpsilon({ linspace: [0.7, 0.7, 1] }))).toEqual([0.7]);
    expect(column({ axes: { trials: { linspace: [10, 100, 10] } } })).toEqual([
      10, 20, 30, 40, 50, 60, 70, 80, 90, 100,
    ]);
    const thirds = column(overEpsilon({ linspace: [0.1, 1, 4] })) as number[];
    thirds.forEach((value, i) => {
      expect(value).toBeCloseTo(0.1 + 0.3 * i, 15);
    });
  });

  test('logspace has equal ratios, both ends exactly, and exact powers', () => {
    expect(column({ axes: { trials: { logspace: [1, 1e6, 7] } } })).toEqual([1, 10, 100, 1e3, 1e4, 1e5, 1e6]);
    expect(column({ axes: { trials: { logspace: [1024, 1, 11] } } })).toEqual([
      1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1,
    ]);
    const ends = [0.012345678901234567, 0.8765432101234123] as const;
    const values = column(overEpsilon({ logspace: [...ends, 50] })) as number[];
    expect([values[0], values[49]]).toEqual(ends);
    const ratio = (ends[1] / ends[0]) ** (1 / 49);
    values.forEach((value, i) => {
      expect(value / (ends[0] * ratio ** i)).toBeCloseTo(1, 11);
    });
  });

  test('axes form a grid in row-major order, replicates fastest, with seeds from that of the base', () => {
    const plan = parseSweep({
      base: { seed: 40 },
      axes: { 'pre.peak': [0.1, 0.2], trials: [5, 6, 7] },
      replicates: 2,
    });
    expect(plan).toMatchObject({ points: 12, paths: ['pre.peak', 'trials'] });
    expect(all(plan).map(({ index, values, replicate, spec }) => [index, ...values, replicate, spec.seed])).toEqual([
      [0, 0.1, 5, 0, 40],
      [1, 0.1, 5, 1, 41],
      [2, 0.1, 6, 0, 40],
      [3, 0.1, 6, 1, 41],
      [4, 0.1, 7, 0, 40],
      [5, 0.1, 7, 1, 41],
      [6, 0.2, 5, 0, 40],
      [7, 0.2, 5, 1, 41],
      [8, 0.2, 6, 0, 40],
      [9, 0.2, 6, 1, 41],
      [10, 0.2, 7, 0, 40],
      [11, 0.2, 7, 1, 41],
    ]);
  });

  test('axes of a zip move together, at the place of the first of them', () => {
    const axes = { trials: [1, 2], 'pre.peak': [0.5, 0.6], sequences: [10, 20], 'post.peak': [0.7, 0.8, 0.9] };
    expect(valuesOf({ axes, zip: [['sequences', 'trials']] })).toEqual([
      [1, 0.5, 10, 0.7],
      [1, 0.5, 10, 0.8],
      [1, 0.5, 10, 0.9],
      [1, 0.6, 10, 0.7],
      [1, 0.6, 10, 0.8],
      [1, 0.6, 10, 0.9],
      [2, 0.5, 20, 0.7],
      [2, 0.5, 20, 0.8],
      [2, 0.5, 20, 0.9],
      [2, 0.6, 20, 0.7],
      [2, 0.6, 20, 0.8],
      [2, 0.6, 20, 0.9],
    ]);
    const pairs = { trials: [1, 2], 'pre.peak': [0.5, 0.6], sequences: [10, 20], 'post.peak': [0.7, 0.8] };
    expect(
      valuesOf({
        axes: pairs,
        zip: [
          ['pre.peak', 'post.peak'],
          ['trials', 'sequences'],
        ],
      }),
    ).toEqual([
      [1, 0.5, 10, 0.7],
      [1, 0.6, 10, 0.8],
      [2, 0.5, 20, 0.7],
      [2, 0.6, 20, 0.8],
    ]);
  });

  test('a Latin hypercube is one group, at the place of the first of its axes', () => {
    const axes = {
      trials: [1, 2],
      'pre.peak': { uniform: [0.1, 1] },
      steps: [50, 60],
      'post.peak': { uniform: [0.1, 1] },
    };
    const points = valuesOf({ axes, latin: 3 });
    expect(points.map(([trials, , steps]) => [trials, steps])).toEqual(
      [1, 2].flatMap((trials) =>
        [0, 1, 2].flatMap(() => [
          [trials, 50],
          [trials, 60],
        ]),
      ),
    );
    const cube = points.map(([, pre, , post]) => [pre, post]);
    for (const repeat of [0, 6]) {
      for (const k of [0, 2, 4]) expect(cube[repeat + k]).toEqual(cube[repeat + k + 1]);
      expect(new Set(cube.slice(repeat, repeat + 6).map(String)).size).toBe(3);
    }
    expect(cube.slice(6)).toEqual(cube.slice(0, 6));
  });

  test("a point's spec is the base with the point's values, and nothing else changed", () => {
    const sweep = {
      base: { ...tableBase, seed: 3 },
      axes: { 'pre.drive.values[1][2]': [5, 6], 'post.epsilon': [0.2, 0.4], 'pre.drive.values[0][3]': [7, 8, 9] },
      replicates: 2,
    };
    const plan = parseSweep(sweep);
    const before = structuredClone(plan.spec);
    for (const { values, replicate, spec } of all(plan)) {
      const byHand = JSON.parse(JSON.stringify(parseSpec(sweep.base)));
      byHand.pre.drive.values[1][2] = values[0];
      byHand.post.epsilon = values[1];
      byHand.pre.drive.values[0][3] = values[2];
      byHand.seed = 3 + replicate;
      expect(spec).toEqual(byHand);
      expect(parseSpec(spec)).toEqual(spec);
    }
    expect(plan.spec).toEqual(before);
  });

  test('points share what they do not change, so that a large table is not copied', () => {
    const plan = parseSweep({ base: tableBase, axes: { 'pre.drive.values[1][2]': [5], 'post.epsilon': [0.1, 0.2] } });
    const drives = all(plan).map(({ spec }) => spec.pre.drive);
    const { drive } = plan.spec.base.pre;
    for (const each of [drive, ...drives]) {
      if (each.type !== 'table' || drive.type !== 'table') throw new Error('not a table');
      expect(each.values[0]).toBe(drive.values[0]);
    }
    expect(parseSweep({ base: tableBase, ...overEpsilon([0.1]) }).pointAt(0).spec.pre.drive).toEqual(drive);
    const other = parseSweep({ base: tableBase, ...overEpsilon([0.1]) });
    expect(other.pointAt(0).spec.pre).toBe(other.spec.base.pre);
  });

  test('the same point is the same every time, in any order; there are no points outside', () => {
    const plan = parseSweep({ axes: { 'post.peak': { uniform: [0.1, 1] }, ...epsilons }, latin: 4, replicates: 3 });
    const forwards = all(plan);
    const backwards = Array.from({ length: 24 }, (_, i) => plan.pointAt(23 - i)).reverse();
    expect(backwards).toEqual(forwards);
    for (const index of [-1, 24, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => plan.pointAt(index)).toThrow(RangeError);
    }
  });

  test('measures are in the order of the columns, whatever the order they are asked for in', () => {
    expect(parseSweep({ measures: ['curve', 'pairs', 'area_plus'] }).spec.measures).toEqual([
      'area_plus',
      'pairs',
      'curve',
    ]);
  });

  test.each(goodSweeps)('a sweep with %s stands for itself, also after a way through JSON', (_, sweep) => {
    const plan = parseSweep(sweep);
    const again = parseSweep(JSON.parse(JSON.stringify(plan.spec)));
    expect(again.spec).toEqual(plan.spec);
    expect(again).toMatchObject({ points: plan.points, paths: plan.paths });
    for (const index of [0, Math.floor(plan.points / 2), plan.points - 1]) {
      expect(again.pointAt(index)).toEqual(plan.pointAt(index));
    }
  });

  test('the input is neither changed nor shared', () => {
    const input = { base: structuredClone(tableBase), axes: { 'post.epsilon': [0.1, 0.2] } };
    const before = structuredClone(input);
    const plan = parseSweep(input);
    const points = structuredClone(all(plan));
    expect(input).toEqual(before);
    input.axes['post.epsilon'][0] = 99;
    input.base.pre.drive.values[0]![0] = 99;
    expect(all(plan)).toEqual(points);
  });
});

describe('seeded draws', () => {
  const draws = (axis: unknown, seed = 1) => column(overEpsilon(axis, { base: { seed } })) as number[];
  /** The uniform number in [0, 1) at an address, 27 and 26 bits of two words. */
  const uniform = (seed: number, axis: number, draw: number) => {
    const [a, b] = randomBlock(seed, 5, axis, draw, 0);
    return (Math.floor(a / 32) * 2 ** 26 + Math.floor(b / 64)) / 2 ** 53;
  };

  test('are pinned: the same in every version and on every machine', () => {
    expect(draws({ uniform: [0.1, 0.2, 3] })).toEqual([0.1118763697667967, 0.17386853772386734, 0.17525533993130937]);
    expect(draws({ loguniform: [0.001, 1, 2] }, 7)).toEqual([0.15766196518346848, 0.0011287936443956784]);
    const cube = {
      axes: { 'post.epsilon': { uniform: [0.1, 0.2] }, 'pre.epsilon': { loguniform: [0.001, 1] } },
      latin: 5,
    };
    expect(valuesOf(cube)).toEqual([
      [0.14237527395335936, 0.07652895791621885],
      [0.17477370754477348, 0.006724991329778485],
      [0.1950510679862619, 0.8892223675288167],
      [0.1291411084795162, 0.020062211607287102],
      [0.1161267573390036, 0.0037027338196674304],
    ]);
  });

  test('come from the address of seed, axis and draw, on the scale asked for', () => {
    const axes = { 'pre.drive.mean': { uniform: [-2, 3, 4] }, 'post.epsilon': { loguniform: [0.01, 1, 4] } };
    const points = valuesOf({ base: { seed: 9 }, axes, zip: [['pre.drive.mean', 'post.epsilon']] });
    points.forEach(([mean, epsilon], draw) => {
      expect(mean).toBeCloseTo(-2 + 5 * uniform(9, 0, draw), 13);
      expect(epsilon).toBeCloseTo(0.01 * 100 ** uniform(9, 1, draw), 13);
    });
  });

  test('do not depend on replicates or on a swept seed, but on the seed of the base', () => {
    const axis = { uniform: [0.1, 0.9, 3] };
    const replicated = parseSweep({ ...overEpsilon(axis), replicates: 2 });
    expect(all(replicated).map(({ values }) => values[0])).toEqual(draws(axis).flatMap((value) => [value, value]));
    const swept = valuesOf({ axes: { 'post.epsilon': axis, seed: [5, 6] } });
    expect(swept.map(([value]) => value)).toEqual(draws(axis).flatMap((value) => [value, value]));
    expect(draws(axis, 2)).not.toEqual(draws(axis, 1));
  });

  test('fill the range evenly: the Kolmogorov–Smirnov distance of 10 000 draws is that of uniform numbers', () => {
    const scales = [
      [{ uniform: [0.1, 0.9, 10_000] }, (x: number) => (x - 0.1) / 0.8],
      [{ loguniform: [0.001, 1, 10_000] }, (x: number) => Math.log10(x) / 3 + 1],
    ] as const;
    for (const [axis, fraction] of scales) {
      const sorted = draws(axis)
        .map(fraction)
        .sort((a, b) => a - b);
      const distance = Math.max(...sorted.map((f, i) => Math.max(f - i / 10_000, (i + 1) / 10_000 - f)));
      // 1.95 / √n is exceeded with probability 10⁻³; the draws are seeded, so that this holds once and for all.
      expect(distance).toBeLessThan(0.0195);
    }
  });

  test.each([1, 2, 7, 1000])('each of %i strata of a Latin hypercube is hit once on every axis', (n) => {
    const axes = {
      'pre.drive.mean': { uniform: [-2, 3] },
      'pre.epsilon': { loguniform: [0.01, 1] },
      'post.drive.mean': { uniform: [-2, 3] },
    };
    for (const seed of [1, 2, 3]) {
      const points = valuesOf({ base: { seed }, axes, latin: n }) as [number, number, number][];
      const strata = [
        points.map(([mean]) => Math.floor(((mean + 2) / 5) * n)),
        points.map(([, epsilon]) => Math.floor((Math.log10(epsilon) / 2 + 1) * n)),
        points.map(([, , mean]) => Math.floor(((mean + 2) / 5) * n)),
      ];
      const everyStratum = Array.from({ length: n }, (_, i) => i);
      for (const hit of strata) expect([...hit].sort((a, b) => a - b)).toEqual(everyStratum);
      if (n < 1000) continue;
      // Each axis has an order of its own, and the places in the strata are spread over them.
      expect(Math.abs(correlation(strata[0]!, strata[2]!))).toBeLessThan(0.1);
      expect(Math.abs(correlation(strata[0]!, everyStratum))).toBeLessThan(0.1);
      const places = points.map(([mean], i) => ((mean + 2) / 5) * n - strata[0]![i]!);
      expect(mean(places)).toBeCloseTo(0.5, 1);
      expect(mean(places.map((place) => place ** 2))).toBeCloseTo(1 / 3, 1);
    }
  });

  test('every order of the strata is as likely as any other', () => {
    const seeds = 1200;
    const orders = new Map<string, number>();
    for (let seed = 0; seed < seeds; seed++) {
      const values = column({ base: { seed }, ...overEpsilon({ uniform: [0.25, 1] }), latin: 3 }) as number[];
      const order = values.map((value) => Math.floor((value - 0.25) * 4)).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect([...orders.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    const expected = seeds / 6;
    const chiSquare = [...orders.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 20.5 is exceeded with probability 10⁻³ for 5 degrees of freedom.
    expect(chiSquare).toBeLessThan(20.5);
  });
});

/** Sweep, path at fault, part of the message. */
const badShapes: readonly (readonly [unknown, string, string])[] = [
  [null, 'sweep', 'an object with any of the keys base, axes, zip, latin, replicates, measures, until'],
  [[], 'sweep', 'an object with any of the keys base, axes'],
  [{ bases: {} }, 'bases', 'unknown key; allowed keys here: base, axes, zip, latin, replicates, measures, until'],
  [{ base: null }, 'base', 'an object with any of the keys seed'],
  [{ base: { spec: 1 } }, 'base.spec', 'unknown key; allowed keys here: seed'],
  [{ base: { post: { epsilon: 2 } } }, 'base.post.epsilon', '2 is not allowed; expected a number > 0 and ≤ 1'],
  [{ axes: [] }, 'axes', 'an object with an axis for each path'],
  [{ axes: null }, 'axes', 'an object with an axis for each path'],
  [
    overEpsilon(0.5),
    'axes["post.epsilon"]',
    'an array of values or an object with one of the keys linspace, logspace, ',
  ],
  [overEpsilon(null), 'axes["post.epsilon"]', 'an array of values or an object'],
  [overEpsilon({}), 'axes["post.epsilon"]', 'one of the keys linspace, logspace, uniform, loguniform'],
  [overEpsilon({ list: [1] }), 'axes["post.epsilon"]', 'one of the keys linspace'],
  [overEpsilon([]), 'axes["post.epsilon"]', '[] is not allowed; expected an array of at least one value'],
  [overEpsilon([0.1, 0.2, 0.3, '0.4']), 'axes["post.epsilon"][3]', '"0.4" is not allowed; expected a finite number'],
  [overEpsilon([0.1, null]), 'axes["post.epsilon"][1]', 'null is not allowed; expected a finite number'],
  [{ axes: { seed: [1, [2]] } }, 'axes.seed[1]', '[2] is not allowed; expected a finite number'],
  [overEpsilon({ linspace: 3 }), 'axes["post.epsilon"].linspace', '3 is not allowed; expected [first, last, n]'],
  [overEpsilon({ linspace: [0, 1] }), 'axes["post.epsilon"].linspace[2]', 'missing; expected an integer ≥ 1'],
  [overEpsilon({ linspace: [0, 1, 2, 3] }), 'axes["post.epsilon"].linspace[3]', 'expected [first, last, n]'],
  [
    overEpsilon({ linspace: [0, 1, 2.5] }),
    'axes["post.epsilon"].linspace[2]',
    '2.5 is not allowed; expected an integer ≥ 1',
  ],
  [
    overEpsilon({ linspace: [0, 1, 0] }),
    'axes["post.epsilon"].linspace[2]',
    '0 is not allowed; expected an integer ≥ 1',
  ],
  [overEpsilon({ linspace: ['0', 1, 2] }), 'axes["post.epsilon"].linspace[0]', 'a finite number'],
  [overEpsilon({ logspace: [0, 1, 2] }), 'axes["post.epsilon"].logspace[0]', '0 is not allowed; expected a number > 0'],
  [
    overEpsilon({ logspace: [1, -1, 2] }),
    'axes["post.epsilon"].logspace[1]',
    '-1 is not allowed; expected a number > 0',
  ],
  [overEpsilon({ loguniform: [0, 1, 2] }), 'axes["post.epsilon"].loguniform[0]', 'a number > 0'],
  [overEpsilon({ loguniform: [0, 1] }, { latin: 2 }), 'axes["post.epsilon"].loguniform[0]', 'a number > 0'],
  [overEpsilon({ uniform: [0.1, 0.2, -1] }), 'axes["post.epsilon"].uniform[2]', 'an integer ≥ 1'],
  [overEpsilon({ uniform: [0.1] }), 'axes["post.epsilon"].uniform[1]', 'missing; expected a finite number'],
  [overEpsilon({ uniform: [0.1, 0.2], n: 3 }), 'axes["post.epsilon"].n', 'unknown key; allowed keys here: uniform'],
  [overEpsilon({ uniform: [0.1, 0.2, 3], linspace: [0, 1, 2] }), 'axes["post.epsilon"].uniform', 'here: linspace'],
  [{ zip: {} }, 'zip', 'an array of arrays of paths'],
  [{ zip: ['seed'] }, 'zip[0]', 'an array of paths of axes'],
  [{ axes: epsilons, zip: [['post.epsilon']] }, 'zip[0]', 'at least two paths of axes'],
  [{ zip: [[1, 2]] }, 'zip[0][0]', 'the path of an axis'],
  [{ latin: 0 }, 'latin', 'an integer from 1 to 1048576'],
  [{ latin: 1e15 }, 'latin', 'an integer from 1 to 1048576'],
  [{ replicates: 0 }, 'replicates', 'an integer from 1 to 1048576'],
  [{ replicates: null }, 'replicates', 'an integer from 1 to 1048576'],
  [{ replicates: 1e12 }, 'replicates', 'an integer from 1 to 1048576'],
  [{ measures: [] }, 'measures', 'an array of at least one measure'],
  [{ measures: 'curve' }, 'measures', 'an array of measures'],
  [{ measures: ['curve', 'area'] }, 'measures[1]', '"area" is not allowed; expected one of area_plus, peak_plus'],
  [{ measures: ['curve', 'pairs', 'curve'] }, 'measures[2]', '"curve" is not allowed; expected each measure only once'],
  [{ until: {} }, 'until.measure', 'missing; expected all of the keys measure, se, maxTrials'],
  [{ until: { ...area, trials: 1 } }, 'until.trials', 'unknown key; allowed keys here: measure, se, maxTrials'],
  [{ until: { ...area, measure: 'curve' } }, 'until.measure', '"curve" is not allowed; expected one of area_plus'],
  [{ until: { ...area, measure: 'pairs' } }, 'until.measure', '"pairs" is not allowed'],
  [{ until: { ...area, measure: 'correlation_raw' } }, 'until.measure', '"correlation_raw" is not allowed'],
  [{ until: { ...area, measure: 'correlation_binned' } }, 'until.measure', '"correlation_binned" is not allowed'],
  [{ until: { ...area, se: 0 } }, 'until.se', '0 is not allowed; expected a number > 0'],
  [{ until: { ...area, maxTrials: 1.5 } }, 'until.maxTrials', 'an integer ≥ 1'],
];

/** Beyond what a JSON Schema says. */
const badRelations: readonly (readonly [unknown, string, string])[] = [
  [{ base: { steps: 20 } }, 'base.steps', '20 is not allowed; expected an integer > 2 · pairing.window = 40'],
  [{ base: { ...tableBase, steps: 4 } }, 'base.pre.drive.values[0]', '4 numbers; expected steps + 1 = 5'],
  [{ base: { pre: { drive: { type: 'table', file: 'a.csv' } } } }, 'base.pre.drive.file', 'itself read from a file'],
  [overEpsilon([0.1, Number.NaN]), 'axes["post.epsilon"][1]', 'NaN is not allowed; expected a finite number'],
  [overEpsilon([Number.POSITIVE_INFINITY]), 'axes["post.epsilon"][0]', 'Infinity is not allowed'],
  [overEpsilon({ linspace: [0, Number.POSITIVE_INFINITY, 3] }), 'axes["post.epsilon"].linspace[1]', 'a finite number'],
  [overEpsilon({ logspace: [1, Number.POSITIVE_INFINITY, 3] }), 'axes["post.epsilon"].logspace[1]', 'a number > 0'],
  [overEpsilon({ linspace: [0.1, 0.2, 1] }), 'axes["post.epsilon"].linspace[2]', '≥ 2: first and last are both among'],
  [overEpsilon({ logspace: [0.1, 0.2, 1] }), 'axes["post.epsilon"].logspace[2]', '≥ 2: first and last are both among'],
  [
    overEpsilon({ uniform: [0.2, 0.1, 3] }),
    'axes["post.epsilon"].uniform[1]',
    '0.1 is not allowed; expected a number ≥ low = 0.2',
  ],
  [overEpsilon({ loguniform: [0.2, 0.1] }, { latin: 3 }), 'axes["post.epsilon"].loguniform[1]', '≥ low = 0.2'],
  [
    { axes: { 'post.epsilonn': [0.1] } },
    'axes["post.epsilonn"]',
    'in post: post.drive.mean, post.drive.sd, post.epsilon, ',
  ],
  [
    { axes: { epsilon: [0.1] } },
    'axes.epsilon',
    'a number of the base: seed, sequences, steps, trials, msPerStep, pre.',
  ],
  [{ axes: { 'seed.x': [0.1] } }, 'axes["seed.x"]', 'not in the base; expected a number of the base: seed, '],
  [
    { axes: { 'post.drive.hold': [5] } },
    'axes["post.drive.hold"]',
    'not in the base, where post.drive is of type "noise"',
  ],
  [
    { axes: { 'post.drive': [5] } },
    'axes["post.drive"]',
    'an object in the base, not a number; expected a number in post.drive',
  ],
  [
    { axes: { 'pairing.edges': [5] } },
    'axes["pairing.edges"]',
    '"interior" in the base, not a number; expected a number in pairing',
  ],
  [{ axes: { 'post..epsilon': [5] } }, 'axes["post..epsilon"]', 'not a path; expected a path such as "post.epsilon"'],
  [{ axes: { '': [5] } }, 'axes[""]', 'not a path'],
  [{ axes: { 'a\nb': [5] } }, 'axes["a\\nb"]', 'not a path'],
  [{ axes: { constructor: [5] } }, 'axes.constructor', 'not in the base'],
  [{ axes: { toString: [5] } }, 'axes.toString', 'not in the base'],
  [JSON.parse('{"axes":{"__proto__":[1]}}'), 'axes.__proto__', 'not in the base'],
  [
    { base: tableBase, axes: { 'pre.drive.values[2][0]': [1] } },
    'axes["pre.drive.values[2][0]"]',
    'where pre.drive.values has 2 entries; expected a number in pre.drive.values: pre.drive.values[0 … 1][0 … 3]',
  ],
  [{ base: tableBase, axes: { 'pre.drive.values[00][0]': [1] } }, 'axes["pre.drive.values[00][0]"]', 'not a path'],
  [{ base: tableBase, axes: { 'pre.drive.values.length': [2] } }, 'axes["pre.drive.values.length"]', 'not in the base'],
  [{ base: tableBase, axes: { 'pre.drive.values[0]': [2] } }, 'axes["pre.drive.values[0]"]', 'an array in the base'],
  [{ latin: 5 }, 'latin', '5 is not allowed; expected null, or an axis that gives only a range'],
  [overEpsilon({ uniform: [0.1, 0.2, 5] }, { latin: 5 }), 'latin', 'an axis that gives only a range'],
  [
    overEpsilon({ uniform: [0.1, 0.2] }),
    'axes["post.epsilon"].uniform',
    '[0.1,0.2] is not allowed; expected [low, high, n], or ',
  ],
  [{ axes: epsilons, zip: [['post.epsilon', 'pre.epsilon']] }, 'zip[0][1]', 'the path of an axis: one of post.epsilon'],
  [{ axes: epsilons, zip: [['post.epsilon', 'toString']] }, 'zip[0][1]', 'the path of an axis'],
  [{ axes: epsilons, zip: [['post.epsilon', 'post.epsilon']] }, 'zip[0][1]', 'an axis that no zip names yet'],
  [
    {
      axes: { ...epsilons, trials: [1, 2], steps: [80, 90] },
      zip: [
        ['trials', 'steps'],
        ['post.epsilon', 'trials'],
      ],
    },
    'zip[1][1]',
    'an axis that no zip names yet',
  ],
  [
    { axes: { ...epsilons, trials: [1, 2, 3] }, zip: [['post.epsilon', 'trials']] },
    'zip[0]',
    'axes with equally many values: post.epsilon has 2 and trials has 3',
  ],
  [
    { axes: { ...epsilons, 'pre.peak': { uniform: [0.1, 1] } }, latin: 2, zip: [['post.epsilon', 'pre.peak']] },
    'zip[0][1]',
    'ranges move together by latin',
  ],
  [
    { axes: { seed: [1, 2] }, replicates: 2 },
    'replicates',
    '2 is not allowed; expected 1, as axes.seed sweeps the seed',
  ],
  [{ base: { seed: 2 ** 32 - 2 }, replicates: 3 }, 'replicates', 'an integer from 1 to 2: seeds are at most 2^32 - 1'],
  [
    { axes: { 'post.drive.mean': { linspace: [0, 1, 2 ** 20 + 1] } } },
    'axes',
    '1048577 points; expected at most 1048576',
  ],
  [
    { ...overEpsilon({ linspace: [0.1, 1, 2 ** 19] }), replicates: 3 },
    'replicates',
    '1572864 points; expected at most 1048576',
  ],
  [{ until: area, measures: ['peak_plus', 'curve'] }, 'until.measure', "one of the sweep's measures: peak_plus, curve"],
  [{ until: { ...area, se: Number.POSITIVE_INFINITY } }, 'until.se', 'a number > 0'],
  [
    { until: { ...area, maxTrials: 999 } },
    'until.maxTrials',
    '999 is not allowed; expected an integer ≥ trials = 1000',
  ],
  [{ until: { ...area, maxTrials: 3e7 } }, 'until.maxTrials', 'from 1 to 26843545: trials · steps is at most 2^32 - 1'],
];

describe('parseSweep refuses', () => {
  test.each([...badShapes, ...badRelations])('%j at %s', (sweep, path, part) => {
    const error = errorOf(() => parseSweep(sweep));
    expect(error).toMatchObject({ code: 'invalid-spec', path });
    expect(error.expected).toBeTypeOf('string');
    expect(error.message.startsWith(`${path}: `)).toBe(true);
    expect(error.message).toContain(part);
    expect(error.message).not.toContain('\n');
  });

  test('a point that is no experiment, with the path of its number, its index and its values', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => (i === 7000 || i === 8000 ? 1.2 : 0.5));
    expect(errorOf(() => parseSweep(overEpsilon(values)))).toMatchObject({
      code: 'invalid-spec',
      path: 'post.epsilon',
      value: 1.2,
      expected: 'a number > 0 and ≤ 1',
      message: 'point 7000 (post.epsilon = 1.2): post.epsilon: 1.2 is not allowed; expected a number > 0 and ≤ 1',
    });
    const last = values.map((_, i) => (i === 9999 ? 0 : 0.5));
    expect(errorOf(() => parseSweep(overEpsilon(last))).message).toContain('point 9999 (post.epsilon = 0): ');
  });

  test.each([
    // The index counts replicates, and is the first that is wrong.
    [
      { axes: { trials: [5, 6], 'post.epsilon': [0.1, 0.2, 2] }, replicates: 4 },
      'post.epsilon',
      'point 8 (trials = 5, post.epsilon = 2): post.epsilon: 2 is not allowed',
    ],
    // Numbers that are right by themselves but not together.
    [
      { axes: { steps: [41, 100], 'pairing.window': [20, 30] } },
      'steps',
      'point 1 (steps = 41, pairing.window = 30): steps: 41 is not allowed; expected an integer > 2 · pairing.window = 60',
    ],
    [
      { base: { sequences: 10 }, axes: { steps: [160, 2 ** 20], trials: [1000, 5000] } },
      'trials',
      'point 3 (steps = 1048576, trials = 5000): trials: 5000 is not allowed; expected an integer from 1 to 4095',
    ],
    [
      { base: { pre: { drive: { type: 'steps' } } }, axes: { 'pre.drive.low': [0, 1], 'pre.drive.high': [0.5, 1] } },
      'pre.drive.low',
      'point 2 (pre.drive.low = 1, pre.drive.high = 0.5): pre.drive.low: 1 is not allowed',
    ],
    // Tables, which are not checked again at every point.
    [
      { base: tableBase, axes: { 'pre.drive.values[1][2]': [1, 1e6, 1e7] } },
      'pre.drive.values[1][2]',
      'point 2 (pre.drive.values[1][2] = 10000000): pre.drive.values[1][2]: 10000000 is not allowed; expected a number from',
    ],
    [
      { base: tableBase, axes: { sequences: [2, 3] } },
      'pre.drive.values',
      'point 1 (sequences = 3): pre.drive.values: 2 rows',
    ],
    [
      { base: tableBase, axes: { steps: [3, 2] } },
      'pre.drive.values[0]',
      'point 1 (steps = 2): pre.drive.values[0]: 4 numbers',
    ],
    [
      { base: { pairing: { edges: 'truncate' } }, axes: { steps: { linspace: [1, 2, 3] } } },
      'steps',
      'point 1 (steps = 1.5): steps: 1.5 is not allowed; expected an integer from 1 to 16777216; values of linspace are not rounded',
    ],
    [
      { axes: { trials: { uniform: [10, 20, 3] } } },
      'trials',
      'expected an integer ≥ 1; values of uniform are not rounded',
    ],
    [
      { axes: { trials: [10, 2000] }, until: { ...area, maxTrials: 1500 } },
      'until.maxTrials',
      'point 1 (trials = 2000): until.maxTrials: 1500 is not allowed; expected an integer ≥ trials = 2000',
    ],
    [
      { base: { sequences: 10 }, axes: { steps: [160, 2 ** 20] }, until: area },
      'until.maxTrials',
      'point 1 (steps = 1048576): until.maxTrials: 5000 is not allowed; expected an integer from 1 to 4095',
    ],
  ])('%j at its first point that is wrong', (sweep, path, part) => {
    const error = errorOf(() => parseSweep(sweep));
    expect(error).toMatchObject({ code: 'invalid-spec', path });
    expect(error.message).toContain(part);
  });

  test('exactly the values that parseSpec refuses, for every number of every kind of experiment', () => {
    const small = { ...tableBase, post: { rho: { type: 'logistic' } } };
    const bases = [{}, { pre: { drive: { type: 'steps' }, epsilon: 0.5 }, post: { drive: { type: 'ramps' } } }, small];
    const candidates = [
      -1,
      -0.5,
      0,
      2 ** -32,
      2 ** -31,
      0.5,
      1,
      2,
      3,
      60,
      64,
      65,
      161,
      1e6,
      2e6,
      2 ** 25,
      2 ** 32,
      1e9,
      2e9,
    ];
    const verdicts = { accepted: 0, refused: 0 };
    for (const base of bases) {
      for (const path of numberPathsIn(parseSpec(base))) {
        for (const candidate of candidates) {
          const spec = JSON.parse(JSON.stringify(parseSpec(base)));
          const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
          const parent = keys.slice(0, -1).reduce((object, key) => object[key], spec);
          parent[keys.at(-1)!] = candidate;
          const expected = outcome(() => parseSpec(spec));
          const found = outcome(() => parseSweep({ base, axes: { [path]: [candidate] } }).pointAt(0).spec);
          if (expected instanceof EngineError) {
            const { path: at, expected: allowed } = expected;
            expect(found, `${path} = ${candidate}`).toMatchObject({ path: at, expected: allowed });
            verdicts.refused++;
          } else {
            expect(found, `${path} = ${candidate}`).toEqual(expected);
            verdicts.accepted++;
          }
        }
      }
    }
    expect(verdicts.accepted).toBeGreaterThan(300);
    expect(verdicts.refused).toBeGreaterThan(300);
  });
});

describe('large sweeps', () => {
  test.each([
    [{ axes: { 'pre.drive.mean': { linspace: [0, 1, 1e6] }, 'post.drive.mean': { linspace: [0, 1, 1e6] } } }, 1e12],
    [{ axes: { 'pre.drive.mean': { linspace: [0, 1, 1e15] } } }, 1e15],
    [{ axes: { 'pre.drive.mean': { uniform: [0, 1, 1e15] } } }, 1e15],
    [
      { axes: { 'pre.drive.mean': { logspace: [1, 2, 1e300] }, 'post.drive.mean': { logspace: [1, 2, 1e300] } } },
      Infinity,
    ],
    [
      {
        axes: { 'pre.drive.mean': { linspace: [0, 1, 1e15] }, 'post.drive.mean': { linspace: [0, 1, 1e15] } },
        zip: [['pre.drive.mean', 'post.drive.mean']],
      },
      1e15,
    ],
  ])('%j is refused at once', (sweep, points) => {
    const started = performance.now();
    const error = errorOf(() => parseSweep(sweep));
    expect(performance.now() - started).toBeLessThan(500);
    expect(error).toMatchObject({ path: 'axes', value: points });
    expect(error.message).toBe(`axes: ${points} points; expected at most 1048576`);
  });

  test('10 000 points are checked in less than a second, with a large table too', () => {
    const axes = { 'post.epsilon': { linspace: [0.1, 1, 100] }, 'post.peak': { uniform: [0.1, 1, 100] } };
    const values = Array.from({ length: 400 }, () => new Array<number>(161).fill(0.5));
    for (const base of [{}, { sequences: 400, pre: { drive: { type: 'table', values } } }]) {
      const started = performance.now();
      const plan = parseSweep({ base, axes });
      expect(performance.now() - started).toBeLessThan(1000);
      expect(plan.points).toBe(10_000);
      expect(plan.pointAt(9_999).values[0]).toBe(1);
    }
  });
});

describe('sweepSchema', () => {
  const schema = sweepSchema();

  test('says its dialect, its keys, and the schema of the base', () => {
    const { $schema, properties } = schema as { $schema: string; properties: Record<string, object> };
    expect($schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(Object.keys(properties)).toEqual(Object.keys(parseSweep({}).spec));
    const { $schema: _, ...experiment } = experimentSchema() as { $schema: string };
    expect(properties.base).toMatchObject(experiment);
  });

  test.each(goodSweeps)('accepts a sweep with %s, and what it is in full', (_, sweep) => {
    expect(fits(schema, sweep)).toBe(true);
    expect(fits(schema, JSON.parse(JSON.stringify(parseSweep(sweep).spec)))).toBe(true);
  });

  test.each(badShapes)('refuses %j', (sweep) => {
    expect(fits(schema, sweep)).toBe(false);
  });
});

describe('the command schema', () => {
  async function printed(...args: string[]): Promise<unknown> {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      const program = new Command().exitOverride();
      addSchemaCommand(program);
      await program.parseAsync(['schema', ...args], { from: 'user' });
      return JSON.parse(write.mock.calls.map(([text]) => text).join(''));
    } finally {
      write.mockRestore();
    }
  }

  test('prints the schema of experiments or of sweeps', async () => {
    expect(await printed()).toEqual(experimentSchema());
    expect(await printed('experiment')).toEqual(experimentSchema());
    expect(await printed('sweep')).toEqual(sweepSchema());
  });

  test('refuses another word as an option that is not acceptable', async () => {
    const error = await rejectionOf(printed('sweeps'));
    expect(error).toMatchObject({ code: 'invalid-option', path: 'schema', value: 'sweeps' });
    expect(error.message).toBe(
      'schema: "sweeps" is not allowed; expected one of experiment, sweep, loop, threshold, generative',
    );
  });
});

describe('readSweep', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stdp-sweep-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function file(name: string, content: unknown): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }
  const fileBase = (name: string) => ({ ...tableBase, pre: { drive: { type: 'table', file: name } } });

  test('reads a sweep, and the table of its base from beside it', async () => {
    await file('drive.csv', '0,0.1,0.2,0.3\n1,1.1,1.2,1.3\n');
    const axes = { 'pre.drive.values[1][2]': [5, 6] };
    const { plan, input } = await readSweep(await file('sweep.json', { base: fileBase('drive.csv'), axes }));
    expect(plan.spec).toEqual(parseSweep({ base: tableBase, axes }).spec);
    expect(input).toEqual({ base: tableBase, axes });
    expect(parseSweep(input).spec).toEqual(plan.spec);
  });

  test('names the table file when its rows do not fit, or when it is not there', async () => {
    await file('short.csv', '1,2,3,4\n1,2,3\n');
    const ragged = await rejectionOf(readSweep(await file('ragged.json', { base: fileBase('short.csv') })));
    expect(ragged).toMatchObject({ code: 'invalid-spec', path: 'base.pre.drive.values[1]' });
    expect(ragged.message).toContain('short.csv');
    const lost = await rejectionOf(readSweep(await file('lost.json', { base: fileBase('gone.csv') })));
    expect(lost).toMatchObject({ code: 'file', path: 'base.pre.drive.file' });
    expect(lost.message).toContain(join(folder, 'gone.csv'));
  });

  test('a missing file is an error of kind file, a broken one names line and column', async () => {
    expect(await rejectionOf(readSweep(join(folder, 'none.json')))).toMatchObject({ code: 'file' });
    const broken = await rejectionOf(readSweep(await file('broken.json', '{ "axes": {},\n}')));
    expect(broken.code).toBe('invalid-spec');
    expect(broken.message).toContain('broken.json, line 2, column 1: ');
    expect(await rejectionOf(readSweep(await file('null.json', 'null')))).toMatchObject({ path: 'sweep' });
  });
});

function outcome<Result>(action: () => Result): Result | EngineError {
  try {
    return action();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

/** Paths of all numbers in an object, in the notation of axes. */
function numberPathsIn(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  const join = (key: string) => (Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);
  return Object.entries(value).flatMap(([key, part]) => numberPathsIn(part, join(key)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = (x: readonly number[], meanX: number, y: readonly number[], meanY: number) =>
    mean(x.map((value, i) => (value - meanX) * (y[i]! - meanY)));
  return covariance(a, meanA, b, meanB) / Math.sqrt(covariance(a, meanA, a, meanA) * covariance(b, meanB, b, meanB));
}
