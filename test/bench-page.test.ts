import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageOutcome } from '../bench/page-api.ts';
import { type LaunchedBrowser, launchBrowser } from '../src/cli/machine/browser.ts';
import { type LocalServer, serveFolder } from '../src/cli/machine/static-server.ts';

const charts = ['by-trials', 'by-sequences', 'roofline'];
/** 10⁶ and 10⁷ trial-steps, so that this machine has a line of two points. */
const small = ['product-trials-12', 'product-trials-125'];

let folder: string;
let server: LocalServer;
let launched: LaunchedBrowser;
let page: Page;
/** What the page said on its console, which is to be nothing. */
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stdp-webgpu-bench-'));
  const root = join(import.meta.dirname, '..');
  await build({
    root: join(root, 'bench'),
    configFile: join(root, 'vite.config.ts'),
    mode: 'bench',
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, sourcemap: false },
  });
  server = await serveFolder(folder);
  launched = await launchBrowser({ adapter: 'software' });
  page = await launched.browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(server.url);
  await page.waitForFunction('window.stdpBench !== undefined');
});
afterAll(async () => {
  await launched?.close();
  await server?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Lines of a chart that have a length. */
const linesOf = (chart: string) =>
  page.$$eval(`#${chart} svg g[aria-label="line"] path`, (paths) =>
    paths.filter((path) => path.getTotalLength() > 20).map((path) => path.getAttribute('stroke')),
  );
const machines = () => page.$$eval('#machines thead th', (heads) => heads.map(({ textContent }) => textContent));
const speeds = (name: string) =>
  page.$$eval(
    '#machines tbody tr',
    (rows, wanted) =>
      rows
        .map((row) => [...row.children].map(({ textContent }) => textContent))
        .find(([first]) => first === wanted)
        ?.slice(1),
    name,
  );

describe('the benchmark page', () => {
  test('shows what earlier machines reached before anything is measured', async () => {
    for (const chart of charts) expect(await linesOf(chart), chart).toHaveLength(1);
    expect(await machines()).toEqual(['', expect.stringContaining('swiftshader')]);
    expect(Number((await speeds('product'))?.[0])).toBeGreaterThan(1e8);
    expect(await page.$eval('#own', (section) => (section as HTMLElement).hidden)).toBe(true);
  });

  test('measures this machine, checks every result, and draws it beside the others', async () => {
    const outcome = await page.evaluate(
      (only): Promise<PageOutcome> => window.stdpBench!.run({ quick: true, only }),
      small,
    );
    if (!outcome.ok) throw new Error(outcome.message);
    const { results, peak_ops_per_s } = outcome.report;
    expect(results.map(({ name, correct }) => [name, correct])).toEqual(small.map((name) => [name, true]));
    expect(peak_ops_per_s).toBeGreaterThan(1e8);

    const rows = await page.$$eval('#results tbody tr', (found) =>
      found.map((row) => row.lastElementChild!.textContent),
    );
    expect(rows).toEqual(['yes', 'yes']);
    expect(await page.$eval('#state', ({ textContent }) => textContent)).toContain('agrees with every run');
    expect(await page.$eval('#save', (button) => (button as HTMLElement).hidden)).toBe(false);
    expect((await machines())[1]).toBe('this machine');
    const [own, earlier] = (await speeds('product-trials-125')) ?? [];
    expect(Number(own)).toBeCloseTo(results[1]!.gpu_trial_steps_per_s ?? results[1]!.trial_steps_per_s, -7);
    expect(Number(earlier)).toBeGreaterThan(1e8);
    // Two machines in two colours; by sequences this one has measured nothing.
    expect(new Set(await linesOf('by-trials')).size).toBe(2);
    expect(new Set(await linesOf('roofline')).size).toBe(2);
    expect(await linesOf('by-sequences')).toHaveLength(1);
  });

  test('fits a narrow screen, its charts drawn for that width', async () => {
    await page.setViewport({ width: 360, height: 800 });
    for (const chart of charts) {
      await page.waitForFunction(
        (id) => Number(document.querySelector(`#${id} svg[viewBox]`)!.getAttribute('width')) < 360,
        {},
        chart,
      );
      const scale = await page.$eval(
        `#${chart} svg[viewBox]`,
        (svg) => svg.getBoundingClientRect().width / Number(svg.getAttribute('width')),
      );
      expect(scale, chart).toBeCloseTo(1, 2);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(complaints).toEqual([]);
  });
});
