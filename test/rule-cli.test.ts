import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesBelow, readColumns, run } from './support/cli.ts';
import { ruleSpec } from './support/rules.ts';

const rule = {
  expression: 'select(-a, a, d > 0.0) * exp(-abs(d) / tau)\n  * (1.0 + ds_post * ds_post)',
  parameters: { a: 0.8, tau: 9 },
};

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'stdp-webgpu-rule-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function json(name: string, value: unknown): Promise<string> {
  const path = join(scratch, name);
  await writeFile(path, JSON.stringify(value));
  return path;
}

test("a user's rule has columns and figures of its own, and changes no byte of the others", async () => {
  const outOf = async (name: string, spec: object, runtime: string) => {
    const out = join(scratch, `${name}-${runtime}`);
    const { status, stderr } = await run(['run', await json('s.json', spec), '--out', out, '--runtime', runtime]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return out;
  };
  const without = await outOf('without', ruleSpec, 'cpu');
  const columnsOf = async (folder: string, table: string) => {
    const lines = (await readFile(join(folder, table), 'utf8')).trimEnd().split('\n');
    const header = lines[0]!.split(',');
    const isUser = (_: string, column: number) => header[column]!.startsWith('dw_user');
    const others = lines.map((line) => line.split(',').filter((cell, column) => !isUser(cell, column)));
    return { users: header.filter(isUser), others };
  };
  for (const runtime of ['cpu', 'node', 'chrome']) {
    const out = await outOf('with', { ...ruleSpec, rule }, runtime);
    for (const [table, users] of Object.entries({
      'curve.csv': ['dw_user', 'dw_user_se'],
      'agreement.csv': ['dw_user', 'dw_user_se'],
      'sequences.csv': ['dw_user'],
    })) {
      expect(await columnsOf(out, table)).toEqual({ users, others: (await columnsOf(without, table)).others });
    }
    const { dt, dw_user } = await readColumns(join(out, 'curve.csv'));
    dt!.forEach((d, row) => {
      if (d === 0) return;
      const kernel = Math.sign(d) * 0.8 * Math.exp(-Math.abs(d) / 9);
      expect(dw_user![row]! / kernel).toBeGreaterThanOrEqual(1 - 1e-6);
      expect(dw_user![row]! / kernel).toBeLessThan(1.2);
    });
    const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
    expect(manifest.spec.rule).toEqual(rule);
    // |ΔW| ≤ 0.8 e^(−1/9) (1 + 1.08²) < 2, which 31 bits hold in steps of 2⁻³⁰.
    expect(manifest.rule).toMatchObject({ step: 2 ** -30, fractionBits: 30 });
    expect(manifest.rule.reproducibility).toContain('dw_user');
    const files = Object.keys(await filesBelow(out));
    const figures = ['figures/user-rule-agreement.svg', 'figures/user-rule-curve.svg'];
    expect(files).toEqual([...Object.keys(await filesBelow(without)), ...figures].sort());
  }
});

test("a sweep over a parameter of a user's rule, fitted to data, finds the parameter that made them", async () => {
  const base = { ...ruleSpec, trials: 200, rule: { ...rule, expression: rule.expression.split('\n')[0] } };
  const sweep = await json('sweep.json', { base, axes: { 'rule.parameters.tau': [3, 6, 9, 12] } });
  const data = join(scratch, 'data.csv');
  await writeFile(
    data,
    [-9, -5, -2, 2, 5, 9].map((dt) => `${dt},${Math.sign(dt) * Math.exp(-Math.abs(dt) / 6)}\n`).join(''),
  );
  const out = join(scratch, 'fit');
  const fit = await run([
    'fit',
    data,
    '--over',
    sweep,
    '--rule',
    'user',
    '--out',
    out,
    '--runtime',
    'cpu',
    '--json',
    '-',
  ]);
  expect(fit.status).toBe(0);
  expect(JSON.parse(fit.stdout).best).toMatchObject({ point: 1, scale: expect.closeTo(1.25, 5) });

  const plain = await json('plain.json', { base: ruleSpec, axes: { 'post.epsilon': [0.1] } });
  const refused = await run(['fit', data, '--over', plain, '--rule', 'user', '--out', join(scratch, 'none')]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('--rule');
});

test("errors of a user's rule: its line and column before anything runs, the pair where it fails for one", async () => {
  const refusalOf = async (expression: string) => {
    const spec = await json('bad.json', { ...ruleSpec, rule: { expression } });
    return run(['run', spec, '--out', join(scratch, 'bad'), '--runtime', 'cpu', '--quiet']);
  };
  const unknown = await refusalOf('d *\n  rho_per');
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toMatch(
    /^stdp-webgpu: rule\.expression, line 2, column 3: "rho_per" .* mean rho_pre\?[^\n]*\n$/,
  );
  const failing = await refusalOf('1.0 / (rho_pre - rho_pre)');
  expect(failing.status).toBe(2);
  expect(failing.stderr).toMatch(/^stdp-webgpu: rule\.expression, line 1, column 1: .* in sequence 0 at d = [^\n]*\n$/);
});
