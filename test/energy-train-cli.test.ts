import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpochRecord } from '../src/cli/training-checkpoint.ts';
import { mnistNames } from '../src/io/mnist.ts';
import { run, start } from './support/cli.ts';
import { syntheticMnist, writeMnist } from './support/idx-files.ts';

let folder: string;
let data: string;
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stdp-energy-train-'));
  data = path('data');
  await writeMnist(data, syntheticMnist({ train: 230, test: 60, rows: 6, columns: 6, classes: 4 }));
});

afterAll(() => rm(folder, { recursive: true }));

const sized = ['--sizes', '36,24,4', '--batch', '10', '--rates', '0.5,0.3', '--seed', '3', '--persistent'];

async function train(json: string, ...more: string[]): Promise<EpochRecord[]> {
  const ended = await run(['energy', 'train', '--data', data, ...sized, '--quiet', '--json', path(json), ...more]);
  expect(ended.stderr).toBe('');
  return JSON.parse(await readFile(path(json), 'utf8')).epochs;
}

describe('energy train', () => {
  it('learns to tell the classes apart, the same on every runtime up to rounding', async () => {
    const byRuntime: Record<string, EpochRecord[]> = {};
    for (const runtime of ['cpu', 'node', 'chrome']) {
      byRuntime[runtime] = await train(`${runtime}.json`, '--epochs', '2', '--runtime', runtime);
    }
    const { cpu, node, chrome } = byRuntime as Record<'cpu' | 'node' | 'chrome', EpochRecord[]>;
    expect(cpu.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(cpu[1]!.train_error).toBeLessThan(cpu[0]!.train_error);
    expect(cpu[1]!.test_error).toBeLessThan(0.05);
    // Rounding decides some ties at the bounds, and a training amplifies it.
    for (const other of [node, chrome]) {
      expect(Math.abs(other[0]!.train_cost - cpu[0]!.train_cost)).toBeLessThan(0.01);
      expect(other[1]!.test_error).toBeLessThan(0.05);
    }
  });

  it('goes on from a checkpoint as if it was not interrupted, and is evaluated from it', async () => {
    const whole = await train('whole.json', '--epochs', '3', '--checkpoint', path('whole.ckpt'));
    await train('first.json', '--epochs', '1', '--checkpoint', path('parts.ckpt'));
    const parts = await train('parts.json', '--epochs', '3', '--checkpoint', path('parts.ckpt'), '--resume');
    const errors = (records: EpochRecord[]) => records.map(({ seconds, ...rest }) => rest);
    expect(errors(parts)).toEqual(errors(whole));
    const checkpoint = path('parts.ckpt');
    const evaluated = await run(['energy', 'eval', '--data', data, '--checkpoint', checkpoint, '--json', '-']);
    expect(JSON.parse(evaluated.stdout).test_error).toBe(whole[2]!.test_error);

    const other = ['energy', 'train', '--data', data, '--epochs', '4', '--resume', '--checkpoint', checkpoint];
    const reshaped = await run([
      ...other,
      '--sizes',
      '36,25,4',
      '--batch',
      '10',
      '--rates',
      '0.5,0.3',
      '--seed',
      '3',
      '--persistent',
    ]);
    expect([reshaped.status, reshaped.stderr]).toEqual([
      2,
      expect.stringContaining('sizes 36, 24, 4; expected 36, 25, 4'),
    ]);
    const existing = await run(['energy', 'train', '--data', data, ...sized, '--checkpoint', checkpoint]);
    expect([existing.status, existing.stderr]).toEqual([2, expect.stringContaining('or --resume to go on')]);
    await truncate(checkpoint, 1000);
    const damaged = await run([...other, ...sized]);
    expect([damaged.status, damaged.stderr]).toEqual([2, expect.stringContaining('its checksum is wrong')]);
  });

  it('ends at an interrupt with the whole epochs that it has', async () => {
    const args = ['energy', 'train', '--data', data, ...sized, '--epochs', '100000', '--checkpoint', path('cut.ckpt')];
    const started = start([...args, '--json', path('cut.json')]);
    await started.printed('epoch   2');
    started.interrupt();
    const { status, stderr } = await started.ended;
    expect(status).toBe(130);
    expect(stderr).toMatch(/interrupted after \d+ whole epochs; .*cut\.ckpt holds them, --resume goes on/);
    const { epochs } = JSON.parse(await readFile(path('cut.json'), 'utf8'));
    expect(epochs.length).toBeGreaterThanOrEqual(2);
  });

  it('refuses bad files and settings with the reason, and names a divergence', async () => {
    const broken = path('broken');
    await writeMnist(broken, syntheticMnist({ train: 20, test: 5, rows: 6, columns: 6, classes: 4 }));
    await writeFile(join(broken, mnistNames['train-labels']), 'no labels');
    const attempts: [string[], number, RegExp][] = [
      [['--data', path('nowhere')], 2, /no such folder.* expected a folder with the four files of MNIST/],
      [['--data', broken], 2, /train-labels-idx1-ubyte: has magic number \d+; expected .* 2049/],
      [['--data', data, '--sizes', '784,24,4'], 2, /--sizes: 784, 24, 4 does not suit .* 36 pixels/],
      [['--data', data, '--sizes', '36,24,3'], 2, /which have 4 classes; expected 4 outputs/],
      [['--data', data, '--epsilon', '2'], 2, /--epsilon: 2 is not allowed; expected a number above 0 and up to 1/],
      [['--data', data, '--rates', '0.1'], 2, /--rates: .*expected 2 numbers/],
      [['--data', data, '--epochs', '0'], 2, /--epochs: "0" is not allowed/],
      [['--data', data, '--resume'], 2, /--resume: .* expected --checkpoint with it/],
      [
        ['--data', data, '--rates', '1e8,1e8'],
        1,
        /after batch \d+ of epoch 1 .*: the learning rate 100000000 is very large/,
      ],
    ];
    for (const [args, status, message] of attempts) {
      const ended = await run(['energy', 'train', ...args]);
      expect([args, ended.status]).toEqual([args, status]);
      expect(ended.stderr).toMatch(message);
      expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    }
  });
});
