import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Page } from 'puppeteer';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LaunchedBrowser, launchBrowser } from '../src/cli/machine/browser.ts';
import { type LocalServer, serveFolder } from '../src/cli/machine/static-server.ts';
import { curveOf, parseSpec, planExperiment, simulate, twinEngine } from '../src/index.ts';

const root = resolve(import.meta.dirname, '..');
const run = promisify(execFile);

/** A project of a stranger's, with nothing installed but the package's tarball. */
let project: string;
let tarball: string;
let server: LocalServer;
let launched: LaunchedBrowser;
/** What all consumers have to find: pairs of 20 sequences and 64 trials with seed 3, by the readable twin. */
let pairs: number;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'stdp-webgpu-package-'));
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], { cwd: root });
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  tarball = join(project, filename);
  await cp(join(root, 'test/consumers'), project, { recursive: true });
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  await run('npm', ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund'], { cwd: project });
  const plan = planExperiment(parseSpec({ sequences: 20, trials: 64, seed: 3 }));
  pairs = curveOf((await simulate(twinEngine(), plan)).tallies, plan).pairs;
  server = await serveFolder(project);
  launched = await launchBrowser({ adapter: 'software' });
}, 240_000);
afterAll(async () => {
  await launched?.close();
  await server?.close();
  if (project) await rm(project, { recursive: true, force: true });
});

/** Opens a page of the project, which is to say nothing on its console. */
async function openPage(path: string): Promise<{ page: Page; complaints: string[] }> {
  const complaints: string[] = [];
  const page = await launched.browser.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${server.url}/${path}`);
  return { page, complaints };
}

describe('the package', () => {
  test('has nothing that publint or “are the types wrong” finds fault with', async () => {
    const bytes = await readFile(tarball);
    const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer } });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
    // It fails with what is wrong. The package is of ES modules alone, and says so.
    const program = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const checked = run(process.execPath, [program, tarball, '--profile', 'esm-only']);
    expect(await checked.then(() => '').catch(({ stdout }: { stdout: string }) => stdout)).toBe('');
  });

  test('brings nothing with it but what validates specs, cuts shaders and types WebGPU', async () => {
    const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8'));
    const installed = Object.keys(lock.packages).filter((path) => path !== '');
    expect(installed.sort()).toEqual([
      'node_modules/@webgpu/types',
      'node_modules/stdp-webgpu',
      'node_modules/valibot',
      'node_modules/wgsl-preprocessor',
    ]);
  });
});

describe('a bundler', () => {
  test('builds an app with TypeScript that computes the same on both engines and shows an element', async () => {
    await build({
      root: join(project, 'app'),
      configFile: false,
      base: './',
      logLevel: 'error',
      build: { target: 'es2022' },
    });
    const { page, complaints } = await openPage('app/dist/index.html');
    await page.waitForSelector('body[data-pairs]', { timeout: 30_000 });
    expect(await page.$eval('body', ({ dataset }) => dataset.pairs)).toBe(`${pairs} ${pairs}`);
    await page.waitForFunction(() => document.querySelector('stdp-trace')?.shadowRoot?.querySelector('svg'));
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('takes nothing of what is not used, and the experiment of the README costs at most 30 kB compressed', async () => {
    const names = ['curveOf', 'GpuContext', 'gpuEngine', 'parseSpec', 'planExperiment', 'simulate'];
    expect(await firstDownload("import 'stdp-webgpu';")).toEqual({ gzip: 0, brotli: 0 });
    const { gzip, brotli } = await firstDownload(`import { ${names} } from 'stdp-webgpu'; console.log(${names});`);
    expect(brotli).toBeLessThan(gzip);
    expect(gzip).toBeLessThanOrEqual(30_000);
  });
});

/** Compressed bytes of what a module loads at once; what it imports later is left out. */
async function firstDownload(source: string): Promise<{ gzip: number; brotli: number }> {
  const entry = join(project, 'entry.js');
  await writeFile(entry, source);
  const options = { logLevel: 'error', build: { write: false, modulePreload: false, rollupOptions: { input: entry } } };
  const built = (await build({ root: project, configFile: false, ...options } as object)) as Rolldown.RolldownOutput;
  const chunks = built.output.filter((file) => file.type === 'chunk');
  const first = chunks.find(({ isEntry }) => isEntry);
  const code = chunks
    .filter(({ fileName }) => fileName === first?.fileName || first?.imports.includes(fileName))
    .map((chunk) => chunk.code.trim())
    .join('\n');
  if (code === '') return { gzip: 0, brotli: 0 };
  return { gzip: gzipSync(code, { level: 9 }).length, brotli: brotliCompressSync(code).length };
}

describe('without a bundler', () => {
  test('a plain page computes and draws, and shows an element', async () => {
    const { page, complaints } = await openPage('page/index.html');
    await page.waitForSelector('body[data-pairs]', { timeout: 30_000 });
    expect(await page.$eval('body', ({ dataset }) => dataset.pairs)).toBe(String(pairs));
    expect(await page.$('body > svg')).not.toBeNull();
    await page.waitForFunction(
      (expected) => document.querySelector('stdp-curve')?.curve?.pairs === expected,
      {},
      pairs,
    );
    await page.waitForFunction(() => document.querySelector('stdp-curve')?.shadowRoot?.querySelector('svg'));
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a Node script computes, and is told what to install for the rest', async () => {
    const { stdout } = await run(process.execPath, ['script/main.js'], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({ pairs, missing: ['npm install webgpu', 'npm install linkedom'] });
  });

  test('the command runs, with its figures, and is told what to install for Chrome', async () => {
    await writeFile(join(project, 'spec.json'), '{ "sequences": 20, "trials": 64, "seed": 3 }');
    const command = ['--no-install', 'stdp-webgpu', 'run', 'spec.json', '--quiet', '--out'];
    await run('npx', [...command, 'result'], { cwd: project });
    const rows = (await readFile(join(project, 'result/curve.csv'), 'utf8')).trim().split('\n').slice(1);
    expect(rows.reduce((sum, row) => sum + Number(row.split(',')[1]), 0)).toBe(pairs);
    expect(await readFile(join(project, 'result/figures/fig1-middle-rate-rule.svg'), 'utf8')).toContain('</svg>');
    await expect(run('npx', [...command, 'chrome', '--runtime', 'chrome'], { cwd: project })).rejects.toThrow(
      /npm install puppeteer|no Chrome or Chromium/,
    );
  });
});

describe('TypeScript', () => {
  test('checks the public types strictly, those of the package included', async () => {
    const flags = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noEmit'];
    const options = [...flags, '--target', 'es2022', '--module', 'nodenext'];
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const checked = run(process.execPath, [compiler, ...options, 'types/main.ts'], { cwd: project });
    expect((await checked.catch(({ stdout }: { stdout: string }) => ({ stdout }))).stdout).toBe('');
    // With its own files and those of its dependencies: some ten seconds of computing.
  }, 180_000);
});
