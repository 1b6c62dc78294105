import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readColumns, run } from './support/cli.ts';
import { type OpenedSite, openSite } from './support/site.ts';

const sweep = {
  base: { sequences: 60, steps: 100, trials: 100 },
  axes: { 'post.epsilon': { logspace: [0.03, 0.5, 12] }, 'pre.peak': { linspace: [0.1, 0.5, 10] } },
};
const POINTS = 120;

let site: OpenedSite;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stdp-explorer-'));
  site = await openSite();
});
afterAll(async () => {
  await site?.close();
  await rm(folder, { recursive: true, force: true });
});

const addressOf = (input: unknown, runtime = 'gpu') =>
  `sweep.html?runtime=${runtime}#sweep=${encodeURIComponent(JSON.stringify(input))}`;

function inState(page: Page, ...states: readonly string[]) {
  const selector = states.map((state) => `#explorer[data-state="${state}"]`).join(',');
  return page.waitForSelector(selector, { timeout: 30_000 });
}

const doneOn = (page: Page) => page.$eval('#explorer', (found) => Number((found as HTMLElement).dataset.done));
const textOf = (page: Page, selector: string) => page.$eval(selector, (found) => found.textContent);

/** Starts the sweep and waits for as many points. */
async function runUntil(page: Page, points: number): Promise<void> {
  await page.click('#run');
  await page.waitForFunction(
    (least) => Number((document.querySelector('#explorer') as HTMLElement).dataset.done) >= least,
    { timeout: 30_000 },
    points,
  );
}

/** Waits until the sweep is complete, and starts it where it is not. */
async function complete(page: Page): Promise<void> {
  await inState(page, 'ready', 'paused', 'done');
  if ((await doneOn(page)) < POINTS) await runUntil(page, POINTS);
  await inState(page, 'done');
}

describe('the sweep explorer', () => {
  test('goes on after a stop and after its tab was closed, to the bytes of the command line', async () => {
    const stopped = await site.page(addressOf(sweep));
    await inState(stopped, 'ready');
    await runUntil(stopped, 1);
    await stopped.click('#stop');
    await inState(stopped, 'paused');
    const afterStop = await doneOn(stopped);
    expect(afterStop).toBeLessThan(POINTS);
    expect(await textOf(stopped, '#run')).toBe('Continue');

    // Closed in the middle of its work, without a word.
    await runUntil(stopped, afterStop + 1);
    const afterClose = await doneOn(stopped);
    await stopped.close();

    const page = await site.page(addressOf(sweep));
    await inState(page, 'paused');
    // At least what the closed page had shown is kept.
    expect(await doneOn(page)).toBeGreaterThanOrEqual(afterClose);
    expect(await doneOn(page)).toBeLessThan(POINTS);
    await runUntil(page, POINTS);
    await inState(page, 'done');

    await writeFile(join(folder, 'sweep.json'), JSON.stringify(sweep));
    const out = join(folder, 'out');
    const { status } = await run(['sweep', join(folder, 'sweep.json'), '--out', out, '--runtime', 'cpu']);
    expect(status).toBe(0);
    for (const table of ['points', 'curves']) {
      const theirs = await readFile(join(out, `${table}.csv`), 'utf8');
      expect(await site.saved(page, `[data-save="${table}"]`, `${table}.csv`)).toBe(theirs);
    }
    await page.close();
  });

  test('shows the value of a chosen point, and opens that point on the curve page', async () => {
    const page = await site.page(`${addressOf(sweep, 'cpu')}&measure=pairs&x=pre.peak&y=post.epsilon`);
    await complete(page);
    const points = await readColumns(join(folder, 'out', 'points.csv'));

    await page.focus('#map canvas');
    // The first arrow chooses the first cell; the next ones go right and up.
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp'] as const) await page.keyboard.press(key);
    const place = (await textOf(page, '#point-place'))!;
    const [, epsilon, peak] = /post\.epsilon = ([\d.]+), pre\.peak = ([\d.]+)/.exec(place)!;
    const index = points.point!.findIndex(
      (_, row) =>
        points['pre.peak']![row]!.toPrecision(4) === Number(peak).toPrecision(4) &&
        points['post.epsilon']![row]!.toPrecision(4) === Number(epsilon).toPrecision(4),
    );
    expect(index).toBeGreaterThan(0);
    const link = (await page.$eval('#point-link', (found) => found.getAttribute('href')))!;
    const opened = await site.page(link.replace('./', ''));
    await opened.waitForSelector('#experiment[data-state="done"]', { timeout: 30_000 });
    const pairs = await opened.$eval('#experiment', (found) => (found as HTMLElement).dataset.pairs);
    expect(Number(pairs)).toBe(points.pairs![index]);
    expect(await page.$eval('#map canvas', (canvas) => canvas.getAttribute('aria-label'))).toMatch(
      /120 of 120 points finished\. Lowest .* highest .*/,
    );
    await Promise.all([page.close(), opened.close()]);
  });

  test.each([
    ['an unknown path', { ...sweep, axes: { 'post.leak': [0.1] } }, 'post.leak'],
    ['an empty axis', { ...sweep, axes: { 'post.epsilon': [] } }, 'axes["post.epsilon"]'],
    ['too many points', { ...sweep, replicates: 1e11 }, 'replicates'],
    ['a point that is no experiment', { ...sweep, axes: { 'pre.peak': [0.5, 1, 1.5] } }, 'pre.peak'],
  ])('refuses %s with its path', async (_, input, path) => {
    const page = await site.page(addressOf(input));
    await inState(page, 'error');
    expect(await textOf(page, '#problem-text')).toContain(path);
    expect(await page.$eval('#run', (button) => (button as HTMLButtonElement).disabled)).toBe(true);
    await page.close();
  });

  test('keeps a second tab out of the same sweep, and says so', async () => {
    const address = addressOf({ ...sweep, base: { ...sweep.base, seed: 5 } }, 'cpu');
    const first = await site.page(address);
    await inState(first, 'ready');
    await runUntil(first, 1);
    const second = await site.page(address);
    await inState(second, 'error');
    expect(await textOf(second, '#problem-text')).toMatch(/another tab/);
    await Promise.all([first.close(), second.close()]);
  });

  test.each([360, 768, 1280])('fits a screen of %d pixels, in light and in dark', async (width) => {
    const page = await site.page(addressOf(sweep, 'cpu'));
    await complete(page);
    // Once wide and then narrow, as a window is dragged.
    for (const shown of [1280, width]) await page.setViewport({ width: shown, height: 900 });
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.waitForFunction(
        (expected) => document.documentElement.scrollWidth === expected,
        { timeout: 5000 },
        width,
      );
      const map = await page.$eval('#map canvas', (canvas) => canvas.getBoundingClientRect().width);
      expect(map).toBeGreaterThan(Math.min(width, 1000) * 0.55);
    }
    await page.close();
  });

  test('says nothing on the console and asks nothing of other hosts', () => {
    expect(site.complaints).toEqual([]);
  });
});
