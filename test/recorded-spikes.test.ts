import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDawn } from '../src/cli/machine/dawn.ts';
import { GpuContext } from '../src/gpu/context.ts';
import { arrowBytes } from '../src/io/arrow.ts';
import type { Column } from '../src/io/csv.ts';
import { csvText } from '../src/io/csv.ts';
import { readSpec } from '../src/io/read-spec.ts';
import { readSweep } from '../src/io/read-sweep.ts';
import type { BatchEngine, Engine } from '../src/stdp/engine.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import { gpuEngine } from '../src/stdp/gpu-engine.ts';
import { pairingSchemes } from '../src/stdp/pairing-schemes.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { simulate } from '../src/stdp/simulate.ts';
import { simulateMany } from '../src/stdp/simulate-many.ts';
import type { RecordedSpikes } from '../src/stdp/spec.ts';
import { unpackSpikes } from '../src/stdp/spikes.ts';
import { parseSweep } from '../src/stdp/sweep/parse-sweep.ts';
import { twinEngine } from '../src/stdp/twin.ts';
import { withLargestRegion } from './gpu/simulation-cases.ts';
import { assertSameSimulation } from './support/compare.ts';
import { errorOf } from './support/errors.ts';

const plan = (spec: object) => planExperiment(parseSpec(spec));
const fast = fastCpuEngine({ threads: 2 });
let context: GpuContext;
let gpu: BatchEngine;
let engines: readonly [string, Engine][];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stdp-webgpu-spikes-'));
  const dawn = await loadDawn();
  context = await GpuContext.create({ gpu: dawn.gpu });
  gpu = gpuEngine(context);
  engines = [
    ['twin', twinEngine()],
    ['WebAssembly', fast],
    ['WGSL', gpu],
  ];
});
afterAll(async () => {
  fast.close();
  context.destroy();
  await rm(folder, { recursive: true });
});

/** Every trial of a sampled experiment, as if it had been recorded. */
async function recordingOf(spec: object): Promise<RecordedSpikes> {
  const sampled = plan(spec);
  const { sequences, trials, steps } = sampled.spec;
  const traces = Array.from({ length: sequences * trials }, (_, index) => ({
    sequence: Math.floor(index / trials),
    trial: index % trials,
  }));
  const records = (await simulate(twinEngine(), sampled, { traces })).trials;
  const timesOf = (words: Uint32Array) =>
    Array.from(unpackSpikes(words, steps)).flatMap((spike, t) => (spike === 1 ? [t] : []));
  const trains = (neuron: 'pre' | 'post') =>
    Array.from({ length: sequences }, (_, n) =>
      records.filter(({ sequence }) => sequence === n).map(({ spikes }) => timesOf(spikes[neuron])),
    );
  return { pre: trains('pre'), post: trains('post') };
}

/** A row for each spike. */
function columnsOf({ pre, post }: RecordedSpikes): Column[] {
  const rows = (neuron: 'pre' | 'post', trains: RecordedSpikes['pre']) =>
    trains.flatMap((sequence, n) =>
      sequence.flatMap((times, trial) => times.map((t) => [n, trial, neuron, t] as const)),
    );
  // Out of order, as recordings may be.
  const all = [...rows('post', post), ...rows('pre', pre)].reverse();
  return ['sequence', 'trial', 'neuron', 't'].map((name, column) => ({ name, values: all.map((row) => row[column]!) }));
}

const shape = { sequences: 3, trials: 37, steps: 131 };

describe('spikes that were sampled, given as recorded', () => {
  it.each(pairingSchemes)('are paired as they were when they were sampled: %s', async (scheme) => {
    const spec = { ...shape, pairing: { scheme, window: 33, coincidence: 'causal' }, pre: { peak: 0.3 } };
    const sampled = await simulate(twinEngine(), plan(spec));
    const recorded = plan({ ...spec, spikes: await recordingOf(spec) });
    const traces = [{ sequence: 2, trial: 36 }];
    const twin = await simulate(twinEngine(), recorded, { traces });
    for (const name of ['pairs', 'cellPairs', 'preSpikes', 'postSpikes', 'tripletSums'] as const) {
      expect(twin.tallies[name], name).toEqual(sampled.tallies[name]);
    }
    for (const [, engine] of engines) {
      assertSameSimulation(await simulate(engine, recorded, { traces }), twin);
      assertSameSimulation(await simulate(engine, recorded, { traces, chunk: 5 }), twin);
    }
  });

  it('give the same under every division of the work, and beside each other in a batch', async () => {
    const spec = { ...shape, steps: 2300, trials: 9 };
    const spikes = await recordingOf(spec);
    const plans = [20, 7, 64].map((tauPlus) => plan({ ...spec, spikes, kernel: { tauPlus } }));
    const expected = await Promise.all(plans.map((planned) => simulate(twinEngine(), planned)));
    for (const [, engine] of engines) {
      const divided = withLargestRegion(engine, { sequences: 1, steps: 500 });
      assertSameSimulation(await simulate(divided, plans[0]!, { chunk: 4 }), expected[0]!);
    }
    for (const engine of [fast, gpu]) {
      for await (const { index, tallies } of simulateMany(engine, plans)) {
        assertSameSimulation({ ...expected[index]!, tallies }, expected[index]!);
      }
    }
  });

  it('follow the rate and spike rules of table drives, and a user’s rule', async () => {
    const spec = { ...shape, pre: { peak: 0.3 }, post: { peak: 0.3 } };
    const spikes = await recordingOf(spec);
    const row = (n: number) => Array.from({ length: shape.steps + 1 }, (_, t) => Math.sin(t / 9 + n));
    const table = { drive: { type: 'table', values: [0, 1, 2].map(row) } };
    const rule = { expression: 'd * ds_post + rho_pre' };
    const planned = plan({ ...spec, pre: table, post: table, spikes, rule });
    const twin = await simulate(twinEngine(), planned);
    expect(twin.tallies.rateSums.some((sum) => sum !== 0n)).toBe(true);
    for (const [, engine] of engines) assertSameSimulation(await simulate(engine, planned), twin);
  });
});

describe('a file of spikes', () => {
  const spec = { ...shape, pairing: { window: 5 } };
  const write = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(folder, name), content);
    return name;
  };
  const specWith = async (fields: object) => {
    await write('spec.json', JSON.stringify({ ...spec, ...fields }));
    return join(folder, 'spec.json');
  };

  it('is CSV or Arrow, in any order of rows and columns', async () => {
    const spikes = await recordingOf(spec);
    const columns = columnsOf(spikes);
    const csv = await write('spikes.csv', csvText(columns.toReversed()));
    const arrow = await write('spikes.arrow', await arrowBytes(columns));
    for (const file of [csv, arrow]) {
      const read = await readSpec(await specWith({ spikes: file }));
      expect(read.spec.spikes).toEqual(spikes);
      expect(parseSpec(JSON.parse(JSON.stringify(read.spec)))).toEqual(read.spec);
    }
  });

  it.each([
    [
      'sequence,trial,neuron,t\n0,0,pre,131\n',
      'row 2, column t: 131 is not allowed; expected an integer from 0 to 130',
    ],
    [
      'sequence,trial,neuron,t\n0,37,pre,3\n',
      'row 2, column trial: 37 is not allowed; expected an integer from 0 to 36',
    ],
    ['sequence,trial,neuron,t\n0,0,pre,3\n3,0,pre,3\n', 'row 3, column sequence: 3 is not allowed'],
    ['sequence,trial,neuron,t\n0,0,pre,2.5\n', 'row 2, column t: "2.5" is not allowed'],
    ['sequence,trial,neuron,t\n0,0,pre,-1\n', 'row 2, column t: "-1" is not allowed'],
    ['sequence,trial,neuron,t\n0,0,axon,1\n', 'row 2, column neuron: "axon" is not allowed; expected "pre" or "post"'],
    ['sequence,trial,neuron,t\n0,0,pre\n', 'row 2, column t: missing'],
    [
      'sequence,trial,neuron,t\n0,0,pre,1\n0,0,post,1\n0,0,pre,1\n',
      'row 4: [0,0,"pre",1] is not allowed; expected each spike only once',
    ],
    ['0,0,pre,1\n', 'row 1: no column sequence; expected a header row'],
    ['sequence,trial,neuron,t,weight\n', 'row 1: unknown column "weight"'],
  ])('that is malformed is refused: %j', async (text, message) => {
    const path = await specWith({ spikes: await write('bad.csv', text) });
    await expect(readSpec(path)).rejects.toMatchObject({ code: 'invalid-spec', path: 'spikes' });
    await expect(readSpec(path)).rejects.toThrow(message);
  });

  it('that is not there is refused, and so is one that a spec without a file of its own names', async () => {
    await expect(readSpec(await specWith({ spikes: 'none.csv' }))).rejects.toThrow('no such file');
    expect(errorOf(() => parseSpec({ ...shape, spikes: 'spikes.csv' })).message).toContain('spikes: "spikes.csv"');
  });

  it('is read for the base of a sweep', async () => {
    const spikes = await recordingOf(spec);
    await write('spikes.csv', csvText(columnsOf(spikes)));
    const sweep = {
      base: { ...spec, spikes: 'spikes.csv' },
      axes: { 'kernel.tauPlus': [5, 10], 'pairing.window': [4, 6] },
    };
    await write('sweep.json', JSON.stringify(sweep));
    const { plan: read } = await readSweep(join(folder, 'sweep.json'));
    expect(read.pointAt(3).spec).toMatchObject({ spikes, kernel: { tauPlus: 10 }, pairing: { window: 6 } });
    expect(read.pointAt(1).spec.spikes).toBe(read.pointAt(2).spec.spikes);
  });

  it('of table drives may be Arrow: a column for each number, or one of lists', async () => {
    const arrow = await import('apache-arrow');
    const values = [0, 1, 2].map((n) => Array.from({ length: shape.steps + 1 }, (_, t) => Math.sin(t / 9 + n)));
    const wide = await arrowBytes(values[0]!.map((_, t) => ({ name: `t${t}`, values: values.map((row) => row[t]!) })));
    const lists = arrow.vectorFromArray(values, new arrow.List(new arrow.Field('item', new arrow.Float64())));
    const files = { 'wide.arrow': wide, 'lists.arrow': arrow.tableToIPC(new arrow.Table({ values: lists }), 'stream') };
    for (const [name, bytes] of Object.entries(files)) {
      const drive = { type: 'table', file: await write(name, bytes) };
      const { spec: read } = await readSpec(await specWith({ pre: { drive } }));
      expect(read.pre.drive).toEqual({ type: 'table', values });
    }
    const drive = { type: 'table', file: await write('cut.arrow', wide.slice(0, 100)) };
    await expect(readSpec(await specWith({ pre: { drive } }))).rejects.toMatchObject({ path: 'pre.drive.file' });
  });
});

describe('recorded spikes in a spec', () => {
  const empty: RecordedSpikes = { pre: [[[]]], post: [[[]]] };
  const one = { sequences: 1, trials: 1, steps: 50, spikes: empty };
  const refusalOf = (spec: object) => errorOf(() => parseSpec(spec)).message;

  it.each(['sequences', 'trials', 'steps'] as const)('need %s beside them', (name) => {
    const { [name]: _, ...others } = one;
    expect(refusalOf(others)).toContain(`${name}: missing; expected an integer ≥ 1`);
    expect(errorOf(() => parseSweep({ base: others })).message).toContain(`base.${name}: missing`);
  });

  it('have their shape, and steps that ascend', () => {
    const spikes = (pre: unknown) => refusalOf({ ...one, spikes: { ...empty, pre } });
    expect(spikes([[[]], [[]]])).toContain('spikes.pre: ');
    expect(spikes([[[], []]])).toContain('spikes.pre[0]: ');
    expect(spikes([[[3, 3]]])).toContain('spikes.pre[0][0][1]: 3 is not allowed; expected a step after the one before');
    expect(spikes([[[50]]])).toContain('spikes.pre[0][0][0]: 50 is not allowed; expected a step from 0 to 49');
    expect(spikes([[['x']]])).toContain('spikes');
    expect(refusalOf({ ...one, spikes: 5 })).toContain('spikes: 5 is not allowed; expected the name of a file');
  });

  it('need both table drives or none', () => {
    const drive = { type: 'table', values: [new Array(51).fill(0)] };
    expect(refusalOf({ ...one, pre: { drive } })).toContain(
      'post.drive.type: "noise" is not allowed; expected "table"',
    );
  });

  it('tell a user’s rule nothing of activities that are not there', () => {
    expect(refusalOf({ ...one, rule: { expression: 'd +\n ds_post' } })).toContain(
      'rule.expression, line 2, column 2: "ds_post" is not known of recorded spikes',
    );
    expect(parseSpec({ ...one, rule: { expression: 'd + t' } }).rule).toBeDefined();
  });

  it('are measured by what they have, in sweeps that do not ask for other spikes', () => {
    const axes = { 'kernel.tauPlus': [5, 10] };
    expect(parseSweep({ base: one, axes }).spec.measures).toEqual([
      'pairs',
      'mean_rate_pre',
      'mean_rate_post',
      'curve',
    ]);
    const refused = (sweep: object) => errorOf(() => parseSweep({ base: one, axes, ...sweep })).message;
    expect(refused({ measures: ['pairs', 'area_plus'] })).toContain('measures[0]: "area_plus" is not allowed');
    expect(refused({ replicates: 2 })).toContain('replicates: 2 is not allowed');
    expect(refused({ until: { measure: 'mean_rate_pre', se: 1, maxTrials: 2 } })).toContain('until: ');
    expect(refused({ axes: { trials: [1, 2] } })).toContain('spikes.pre[0]');
    expect(refused({ axes: { 'spikes.pre[0][0][0]': [1] } })).toContain('not in the base');
  });
});
