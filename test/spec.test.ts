import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSpec } from '../src/io/read-spec.ts';
import { experimentSchema } from '../src/stdp/json-schema.ts';
import { burnInSteps, parseSpec } from '../src/stdp/parse-spec.ts';
import { defaultSpec } from '../src/stdp/spec-defaults.ts';
import { errorOf, rejectionOf } from './support/errors.ts';
import { fits } from './support/json-schema.ts';

const tableOf = (rows: number, columns: number) =>
  Array.from({ length: rows }, (_, n) => Array.from({ length: columns }, (_, t) => n + t / 10));

/** A spec of two sequences of three steps, small enough for a table. */
const small = { sequences: 2, steps: 3, pairing: { edges: 'truncate' } };

/** Every spec here is one that parseSpec accepts. */
const goodSpecs: readonly (readonly [string, object])[] = [
  ['nothing', {}],
  ['the smallest sizes', { seed: 0, sequences: 1, steps: 1, trials: 1, pairing: { edges: 'truncate' } }],
  ['the largest seed', { seed: 2 ** 32 - 1 }],
  ['negative zero', { seed: -0, pre: { drive: { mean: -0 } } }],
  ['the most trials for these steps', { steps: 160, trials: 26843545 }],
  ['the most sequences for these steps', { steps: 160, sequences: 416825 }],
  ['the shortest interior', { steps: 41, pairing: { window: 20 } }],
  ['the smallest fixed-point numbers', { pre: { epsilon: 2 ** -32, peak: 2 ** -31 } }],
  ['epsilon and peak of 1', { pre: { epsilon: 1, peak: 1 } }],
  ['a noiseless drive', { pre: { drive: { sd: 0 } } }],
  ['a steps drive', { pre: { drive: { type: 'steps', low: 1, high: 1, hold: 1.5 } } }],
  ['the slowest steps drive', { pre: { drive: { type: 'steps' }, epsilon: 17 / 1e6 } }],
  ['a ramps drive', { pre: { drive: { type: 'ramps', knots: 160 } } }],
  ['a table drive', { ...small, post: { drive: { type: 'table', values: tableOf(2, 4) } } }],
  ['a logistic rate', { pre: { rho: { type: 'logistic', slope: 2 } } }],
  ['a kernel without depression', { kernel: { aMinus: 0 } }],
  ["a user's rule", { rule: { expression: 'a * d', parameters: { a: 2 }, step: 2 ** -20 } }],
  ["a user's rule of nothing but an expression", { rule: { expression: 'ds_post' } }],
];

/** Spec, path at fault, what the message says about what is allowed. */
const badValues: readonly (readonly [unknown, string, string])[] = [
  [null, 'spec', 'expected an object'],
  [[], 'spec', 'expected an object'],
  ['{}', 'spec', 'expected an object'],
  [{ seed: -1 }, 'seed', 'an integer from 0 to 4294967295'],
  [{ seed: 2 ** 32 }, 'seed', 'an integer from 0 to 4294967295'],
  [{ seed: '1' }, 'seed', 'an integer from 0 to 4294967295'],
  [{ seed: null }, 'seed', 'an integer from 0 to 4294967295'],
  [{ sequences: 0 }, 'sequences', 'an integer ≥ 1'],
  [{ sequences: 2 ** 25 + 1 }, 'sequences', 'from 1 to 416825'],
  [{ steps: 160.5 }, 'steps', 'an integer from 1 to 16777216'],
  [{ steps: 2 ** 24 + 1 }, 'steps', 'an integer from 1 to 16777216'],
  [{ trials: 2 ** 32 }, 'trials', 'from 1 to 26843545'],
  [{ msPerStep: 0 }, 'msPerStep', 'a number > 0 and ≤ 1000000'],
  [{ pre: null }, 'pre', 'any of the keys drive, epsilon, rho, peak'],
  [{ pre: [] }, 'pre', 'any of the keys drive, epsilon, rho, peak'],
  [{ post: { epsilon: 1.5 } }, 'post.epsilon', 'expected a number > 0 and ≤ 1'],
  [{ post: { epsilon: 0 } }, 'post.epsilon', 'expected a number > 0 and ≤ 1'],
  [{ post: { epsilon: 1e-10 } }, 'post.epsilon', 'at least 2^-32'],
  [{ pre: { peak: 1.01 } }, 'pre.peak', 'expected a number > 0 and ≤ 1'],
  [{ pre: { peak: 3e-10 } }, 'pre.peak', 'at least 2^-31'],
  [{ pre: { drive: null } }, 'pre.drive', 'one of "noise", "steps", "ramps", "table"'],
  [{ pre: { drive: { type: 'noisy' } } }, 'pre.drive.type', 'one of "noise", "steps", "ramps", "table"'],
  [{ pre: { drive: { sd: -1 } } }, 'pre.drive.sd', 'a number from 0 to 1000000'],
  [{ pre: { drive: { mean: 2e6 } } }, 'pre.drive.mean', 'a number from -1000000 to 1000000'],
  [{ pre: { drive: { type: 'steps', hold: 0.5 } } }, 'pre.drive.hold', 'a number from 1 to'],
  [{ pre: { drive: { type: 'ramps', knots: 1 } } }, 'pre.drive.knots', 'an integer from 2 to'],
  [{ pre: { drive: { type: 'table', file: '' } } }, 'pre.drive.file', 'the name of a CSV file'],
  [{ pre: { drive: { type: 'table' } } }, 'pre.drive.values', '500 rows (sequences) of 161 numbers (steps + 1)'],
  [{ pre: { drive: { type: 'table', values: [1] } } }, 'pre.drive.values[0]', 'an array of steps + 1 numbers'],
  [{ pre: { drive: { type: 'table', values: [[1, '2']] } } }, 'pre.drive.values[0][1]', 'a number from -1000000'],
  [{ pre: { rho: { type: 'relu' } } }, 'pre.rho.type', 'one of "hard-sigmoid", "logistic"'],
  [{ pre: { rho: { beta1: 0 } } }, 'pre.rho.beta1', 'a number > -1 and < 0'],
  [{ pre: { rho: { beta1: -1 } } }, 'pre.rho.beta1', 'a number > -1 and < 0'],
  [{ pre: { rho: { type: 'logistic', slope: 0 } } }, 'pre.rho.slope', 'a number > 0 and ≤ 1000000'],
  [{ pairing: { scheme: 'nearest' } }, 'pairing.scheme', 'one of "nearest-exclusive", "nearest-presynaptic"'],
  [{ pairing: { coincidence: true } }, 'pairing.coincidence', 'one of "skip", "causal", "acausal"'],
  [{ pairing: { window: 65 } }, 'pairing.window', 'an integer from 1 to 64'],
  [{ pairing: { edges: 'wrap' } }, 'pairing.edges', '"interior" or "truncate"'],
  [{ kernel: { aPlus: -1 } }, 'kernel.aPlus', 'a number from 0 to 1000000'],
  [{ kernel: { tauMinus: 0 } }, 'kernel.tauMinus', 'a number > 0'],
  [{ rule: { expression: 1 } }, 'rule.expression', 'an expression of WGSL'],
  [{ rule: { expression: 'd', step: 0 } }, 'rule.step', 'a number > 0'],
  [{ rule: { expression: 'd', parameters: [] } }, 'rule.parameters', 'an object with a number for each name'],
  [{ kernel: 'stdp' }, 'kernel', 'an object whose type is one of "exponential", "table"'],
  [{ kernel: { type: 'table', values: [1, '2'] } }, 'kernel.values[1]', 'a number from -1000000 to 1000000'],
  [{ kernel: { type: 'table', values: [2e6] } }, 'kernel.values[0]', 'a number from -1000000 to 1000000'],
  [{ kernel: { type: 'table', values: 3 } }, 'kernel.values', 'an array of 2 window + 1 numbers'],
];

const badKeys: readonly (readonly [unknown, string, string])[] = [
  [{ trails: 10 }, 'trails', 'seed, sequences, steps, trials, msPerStep, pre, post, pairing, kernel'],
  [{ toString: 1 }, 'toString', 'seed, sequences'],
  [{ pre: { drve: {} } }, 'pre.drve', 'drive, epsilon, rho, peak'],
  [{ pre: { drive: { low: 0 } } }, 'pre.drive.low', 'type, mean, sd (type "noise")'],
  [{ pre: { drive: { type: 'steps', sd: 1 } } }, 'pre.drive.sd', 'type, low, high, hold (type "steps")'],
  [{ pre: { rho: { slope: 1 } } }, 'pre.rho.slope', 'type, beta1 (type "hard-sigmoid")'],
  [{ kernel: { 'a\nb': 1 } }, 'kernel["a\\nb"]', 'aPlus, tauPlus, aMinus, tauMinus'],
  [JSON.parse('{"pre":{"__proto__":{"peak":1}}}'), 'pre.__proto__', 'drive, epsilon, rho, peak'],
];

/** Specs whose numbers do not go together; beyond what a JSON Schema says. */
const badRelations: readonly (readonly [unknown, string, string])[] = [
  [{ pairing: { window: 1 }, kernel: { type: 'table', values: [1, 0] } }, 'kernel.values', 'window + 1 = 3'],
  [
    { pairing: { window: 1 }, kernel: { type: 'table', values: [-1, 1e-9, 1] } },
    'kernel.values[1]',
    '0: pairing.coincidence is "skip"',
  ],
  [{ trials: Number.NaN }, 'trials', 'an integer ≥ 1'],
  [{ trials: Number.POSITIVE_INFINITY }, 'trials', 'an integer ≥ 1'],
  [{ kernel: { aPlus: Number.POSITIVE_INFINITY } }, 'kernel.aPlus', 'a number from 0 to 1000000'],
  [{ trials: 26843546 }, 'trials', 'from 1 to 26843545'],
  [{ sequences: 416826 }, 'sequences', 'from 1 to 416825'],
  [{ steps: 40 }, 'steps', '> 2 · pairing.window = 40, or a smaller pairing.window, or pairing.edges "truncate"'],
  [{ pre: { drive: { type: 'steps', low: 2 } } }, 'pre.drive.low', '≤ pre.drive.high = 1.3'],
  [{ pre: { drive: { type: 'ramps', knots: 161 } } }, 'pre.drive.knots', 'from 2 to steps = 160'],
  [{ steps: 1, pairing: { edges: 'truncate' }, pre: { drive: { type: 'ramps' } } }, 'steps', 'an integer ≥ 2'],
  [{ post: { drive: { type: 'ramps' }, epsilon: 1e-5 } }, 'post.epsilon', 'forget its start'],
  [{ pre: { drive: { type: 'table', file: 'a.csv' } } }, 'pre.drive.file', 'itself read from a file'],
  [{ ...small, pre: { drive: { type: 'table', values: tableOf(3, 4) } } }, 'pre.drive.values', 'sequences = 2'],
  [
    {
      ...small,
      pre: {
        drive: {
          type: 'table',
          values: [
            [0, 0, 0, 0],
            [0, 0],
          ],
        },
      },
    },
    'pre.drive.values[1]',
    'steps + 1 = 4',
  ],
  [{ ...small, pre: { drive: { type: 'table', values: [], file: 'a.csv' } } }, 'pre.drive.file', 'one of the two'],
];

describe('parseSpec', () => {
  test('an empty spec is the default experiment', () => {
    expect(parseSpec({})).toEqual(defaultSpec);
    expect(parseSpec({ pre: { drive: {}, rho: {} }, post: {}, pairing: {}, kernel: {} })).toEqual(defaultSpec);
    expect(parseSpec({ seed: undefined })).toEqual(defaultSpec);
  });

  test('a spec with its defaults filled in stands for itself', () => {
    for (const [, spec] of goodSpecs) expect(parseSpec(parseSpec(spec))).toEqual(parseSpec(spec));
  });

  test('objects given in part keep the other defaults, at every depth', () => {
    const spec = parseSpec({ post: { drive: { sd: 2 }, peak: 0.5 }, pairing: { window: 5 } });
    expect(spec).toEqual({
      ...defaultSpec,
      post: { ...defaultSpec.post, drive: { type: 'noise', mean: 0.3, sd: 2 }, peak: 0.5 },
      pairing: { ...defaultSpec.pairing, window: 5 },
    });
  });

  test("a drive or rho of another type takes that type's own defaults", () => {
    const { pre, post } = parseSpec({
      pre: { drive: { type: 'steps', hold: 20 }, rho: { type: 'logistic' } },
      post: { drive: { type: 'ramps' } },
    });
    expect(pre.drive).toEqual({ type: 'steps', low: -0.7, high: 1.3, hold: 20 });
    expect(pre.rho).toEqual({ type: 'logistic', slope: 8, midpoint: 0.3 });
    expect(post.drive).toEqual({ type: 'ramps', low: -0.7, high: 1.3, knots: 9 });
    expect(post.rho).toEqual({ type: 'hard-sigmoid', beta1: -0.2 });
  });

  test('neither the input nor the defaults are changed or shared with the result', () => {
    const values = tableOf(2, 4);
    const input = { ...small, pre: { drive: { type: 'table', values } } };
    const before = structuredClone(input);
    const spec = parseSpec(input);
    expect(input).toEqual(before);
    expect(spec.pre.drive).toEqual({ type: 'table', values });
    values[0]![0] = 99;
    expect(spec.pre.drive).not.toEqual({ type: 'table', values });
    expect(parseSpec({}).post).not.toBe(defaultSpec.post);
  });

  test.each(goodSpecs)('accepts %s', (_, spec) => {
    expect(parseSpec(spec)).toMatchObject(spec);
  });

  test.each([...badValues, ...badRelations])('%j is refused at %s', (spec, path, allowed) => {
    const error = errorOf(() => parseSpec(spec));
    expect(error).toMatchObject({ code: 'invalid-spec', path });
    expect(error.expected).toBeTypeOf('string');
    expect(error.message.startsWith(`${path}: `)).toBe(true);
    expect(error.message).toContain(allowed);
    expect(error.message).toContain('; expected ');
    expect(error.message).not.toContain('\n');
  });

  test.each(badKeys)('%j has an unknown key %s', (spec, path, allowed) => {
    const error = errorOf(() => parseSpec(spec));
    expect(error).toMatchObject({ code: 'invalid-spec', path });
    expect(error.message.startsWith(`${path}: unknown key; allowed keys here: `)).toBe(true);
    expect(error.message).toContain(allowed);
    expect(error.message).not.toContain('\n');
  });

  test('messages say path, value and what is allowed, the value in short', () => {
    expect(errorOf(() => parseSpec({ post: { epsilon: 1.5 } }))).toMatchObject({
      message: 'post.epsilon: 1.5 is not allowed; expected a number > 0 and ≤ 1',
      value: 1.5,
      expected: 'a number > 0 and ≤ 1',
    });
    const ragged = { ...small, pre: { drive: { type: 'table', values: [[1, 2, 3, 4], [1]] } } };
    expect(errorOf(() => parseSpec(ragged)).message).toBe('pre.drive.values[1]: 1 numbers; expected steps + 1 = 4');
    const long = errorOf(() => parseSpec({ seed: 'line\n'.repeat(1000) })).message;
    expect(long.length).toBeLessThan(140);
    const cyclic: Record<string, unknown> = {};
    cyclic.seed = cyclic;
    expect(errorOf(() => parseSpec(cyclic)).path).toBe('seed');
    expect(errorOf(() => parseSpec({ seed: 1n })).message).toContain('1n');
  });

  test('the burn-in leaves less than 10⁻⁷ of the start, whatever the leak', () => {
    expect(burnInSteps(1)).toBe(17);
    for (const epsilon of [0.9, 0.06, 1e-3]) expect((1 - epsilon) ** burnInSteps(epsilon)).toBeLessThan(1e-7);
  });
});

describe('experimentSchema', () => {
  const schema = experimentSchema();

  test('says its dialect, and a default and a meaning for every key', () => {
    expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', required: [] });
    const { properties } = schema as { properties: Record<keyof typeof defaultSpec, object> };
    // A spec has recorded spikes and a rule only where the user gives them.
    expect(Object.keys(properties)).toEqual([...Object.keys(defaultSpec), 'spikes', 'rule']);
    for (const [key, value] of Object.entries(defaultSpec)) {
      expect(properties[key as keyof typeof defaultSpec]).toMatchObject({
        default: value,
        description: expect.any(String),
      });
    }
  });

  test('accepts what parseSpec accepts, and table files', () => {
    for (const [name, spec] of goodSpecs) expect(fits(schema, spec), name).toBe(true);
    expect(fits(schema, { pre: { drive: { type: 'table', file: 'drive.csv' } } })).toBe(true);
  });

  test('refuses every unknown key and every value out of range', () => {
    for (const [spec] of [...badValues, ...badKeys]) expect(fits(schema, spec), JSON.stringify(spec)).toBe(false);
    expect(fits(schema, { pre: { drive: { type: 'table', file: 'drive.csv', values: [] } } })).toBe(false);
  });
});

describe('readSpec', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stdp-spec-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function file(name: string, text: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }

  test('reads a spec, with or without a byte-order mark', async () => {
    const path = await file('bom.json', '\uFEFF{ "trials": 7 }\n');
    expect(await readSpec(path)).toEqual({ spec: parseSpec({ trials: 7 }), input: { trials: 7 } });
  });

  test('puts the values of a table file, found beside the spec, into the spec', async () => {
    await file('drive.csv', '0,0.1,0.2,0.3\n1,1.1,1.2,1.3\n\n');
    const drive = { type: 'table', file: 'drive.csv' };
    const { spec, input } = await readSpec(await file('table.json', JSON.stringify({ ...small, pre: { drive } })));
    expect(spec.pre.drive).toEqual({ type: 'table', values: tableOf(2, 4) });
    expect(parseSpec(input)).toEqual(spec);
  });

  test('names the table file when its rows do not fit the spec', async () => {
    await file('short.csv', '1,2,3,4\n1,2,3\n');
    const drive = { type: 'table', file: 'short.csv' };
    const path = await file('ragged.json', JSON.stringify({ ...small, post: { drive } }));
    const error = await rejectionOf(readSpec(path));
    expect(error).toMatchObject({ code: 'invalid-spec', path: 'post.drive.values[1]' });
    expect(error.message).toContain('short.csv');
  });

  test('a file that is missing, a folder, or a table file that is missing is an error of kind file', async () => {
    const lost = await file('lost.json', '{ "pre": { "drive": { "type": "table", "file": "gone.csv" } } }');
    expect(await rejectionOf(readSpec(join(folder, 'none.json')))).toMatchObject({ code: 'file' });
    expect((await rejectionOf(readSpec(folder))).message).toContain('is a folder');
    const error = await rejectionOf(readSpec(lost));
    expect(error).toMatchObject({ code: 'file', path: 'pre.drive.file' });
    expect(error.message).toContain(join(folder, 'gone.csv'));
  });

  test.each([
    ['', 1, 1],
    ['{', 1, 2],
    ['{ "seed": 1,\n  "trials": 2,\n}', 3, 1],
    ['{ "seed": 1\n  "trials": 2 }', 2, 3],
    ["{ 'seed': 1 }", 1, 3],
    ['{ "seed" 1 }', 1, 10],
    ['{ "seed": 01 }', 1, 12],
    ['{ "seed": NaN }', 1, 11],
    ['{ "pre": [1, 2 }', 1, 16],
    ['{}\n{}', 2, 1],
    ['{ "seed": "a\\x" }', 1, 13],
    ['{ "seed": "a\nb" }', 1, 13],
    ['['.repeat(100_000), 1, 100_001],
  ])('broken JSON %j names file, line %i and column %i', async (text, line, column) => {
    const error = await rejectionOf(readSpec(await file('broken.json', text)));
    expect(error.code).toBe('invalid-spec');
    expect(error.message).toContain(`broken.json, line ${line}, column ${column}: `);
    expect(error.message).not.toContain('\n');
  });
});
