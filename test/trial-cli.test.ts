import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesBelow, inParallel, readColumns, run, start } from './support/cli.ts';

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'stdp-webgpu-trials-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

let made = 0;
const fresh = (name: string) => join(scratch, `${++made}-${name}`);

async function specFile(spec: unknown): Promise<string> {
  const path = fresh('spec.json');
  await writeFile(path, JSON.stringify(spec));
  return path;
}

const readManifest = async (folder: string) => JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));

/** Files whose bytes no runtime and no chunk may change. */
async function results(folder: string): Promise<Record<string, Buffer>> {
  const { 'manifest.json': manifest, ...files } = await filesBelow(folder);
  const { runtime, timings, ...same } = JSON.parse(manifest!.toString());
  expect([runtime, timings]).not.toContain(undefined);
  return { ...files, manifest: Buffer.from(JSON.stringify(same)) };
}

describe.each([
  ['loop', { trials: 80, steps: 60, post: { epsilon: 0.2 }, pre: { epsilon: 0.2 } }, ['loop.csv', 'weights.csv']],
  ['threshold', { trials: 500, noise: 0.1, window: 30 }, ['threshold.csv', 'timing.csv']],
])('%s', (command, spec, tables) => {
  test('writes the same bytes on every runtime, in one dispatch or many', async () => {
    const file = await specFile(spec);
    const flags = [
      ['--runtime', 'cpu'],
      ['--runtime', 'cpu', '--chunk', '7'],
      ['--runtime', 'node', '--chunk', '33'],
      ['--runtime', 'chrome'],
    ];
    const folders = await inParallel(flags, 2, async (more) => {
      const out = fresh('out');
      const { status, stderr } = await run([command, file, '--out', out, ...more]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return results(out);
    });
    expect(Object.keys(folders[0]!)).toEqual(expect.arrayContaining(tables));
    for (const folder of folders) expect(folder).toEqual(folders[0]);
  });

  test('refuses a bad spec with its path, and a folder of another spec', async () => {
    const bad = await run([command, await specFile({ ...spec, trials: 0 }), '--out', fresh('out')]);
    expect(bad.status).toBe(2);
    expect(bad.stderr).toMatch(/^stdp-webgpu: trials: 0 is not allowed; expected an integer/);
    const out = fresh('out');
    expect((await run([command, await specFile(spec), '--out', out, '--runtime', 'cpu'])).status).toBe(0);
    const other = await run([command, await specFile(spec), '--out', out, '--seed', '5']);
    expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('another spec')]);
  });

  test('has a JSON Schema', async () => {
    const { status, stdout } = await run(['schema', command]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ properties: { trials: { default: 4096 } } });
  });
});

test('an interrupted loop keeps the trials that are done and says so', async () => {
  const out = fresh('out');
  const file = await specFile({ trials: 2 ** 26, steps: 100 });
  const started = start(['loop', file, '--out', out, '--runtime', 'cpu', '--chunk', '64']);
  await started.printed('runtime cpu');
  await new Promise((resolve) => setTimeout(resolve, 500));
  started.interrupt();
  const { status, stderr } = await started.ended;
  expect([status, stderr]).toEqual([130, expect.stringContaining('interrupted;')]);
  const { completed, interrupted } = await readManifest(out);
  expect(interrupted).toBe(true);
  expect(completed.trials % 64).toBe(0);
  const { trials } = await readColumns(join(out, 'weights.csv'));
  expect(trials!.slice(0, 42).reduce((sum, count) => sum + count, 0)).toBe(completed.trials);
});
