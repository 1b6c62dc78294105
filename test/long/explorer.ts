import type { Page } from 'puppeteer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandOf, descendantsOf, memoryOf } from '../support/processes.ts';
import { type OpenedSite, openSite } from '../support/site.ts';

/*
 * A sweep of 10,000 points of 10⁵ trial-steps each in the explorer: the page answers all the time, and memory stays
 * flat. Linux only; on a machine that does nothing else. Times and memory are printed.
 */

const sweepWithSeed = (seed: number) => ({
  base: { seed, sequences: 10, steps: 100, trials: 100 },
  axes: { 'post.epsilon': { logspace: [0.02, 0.5, 100] }, 'pre.peak': { linspace: [0.05, 0.5, 100] } },
});

let site: OpenedSite;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site?.close());

test.each([
  ['cpu', 1],
  ['gpu', 2],
])('10,000 points on %s keep the page free and memory flat', async (runtime, seed) => {
  const address = `sweep.html?runtime=${runtime}#sweep=${encodeURIComponent(JSON.stringify(sweepWithSeed(seed)))}`;
  const page = await site.page(address, () => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
  });
  await page.setViewport({ width: 1280, height: 900 });
  await page.waitForSelector('#explorer[data-state="ready"]');
  await page.evaluate(() => {
    (globalThis as unknown as { longTasks: number[] }).longTasks.length = 0;
  });
  const started = performance.now();
  await page.click('#run');
  const memory: number[] = [];
  const frames: number[] = [];
  while ((await stateOf(page)) !== 'done') {
    frames.push(await secondsOfFrame(page));
    memory.push(await rendererMemory(site.launched.browser.process()!.pid!));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const seconds = (performance.now() - started) / 1000;
  const tasks = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
  await page.close();

  const worst = Math.max(0, ...tasks);
  const eighths = Array.from({ length: 8 }, (_, i) => memory[Math.floor((i * (memory.length - 1)) / 7)]! / 1e6);
  console.log(
    `${runtime}: ${seconds.toFixed(1)} s; longest task ${worst.toFixed(0)} ms of ${tasks.length} above 50 ms;`,
    `longest wait for a frame ${(1000 * Math.max(...frames)).toFixed(0)} ms;`,
    `MB of the largest renderer over time ${eighths.map((megabytes) => megabytes.toFixed(0)).join(' ')}`,
  );
  expect(worst).toBeLessThan(100);
  // The second half of the sweep adds little to what the first half took.
  expect(eighths[7]! - eighths[3]!).toBeLessThan(150);
});

const stateOf = (page: Page) => page.$eval('#explorer', (found) => (found as HTMLElement).dataset.state);

function secondsOfFrame(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const asked = performance.now();
    await new Promise(requestAnimationFrame);
    return (performance.now() - asked) / 1000;
  });
}

/** Bytes of the renderer that holds the most. */
async function rendererMemory(browser: number): Promise<number> {
  const sizes = (await descendantsOf(browser)).map(async (pid) =>
    (await commandOf(pid)).includes('--type=renderer') ? memoryOf(pid) : 0,
  );
  return Math.max(0, ...(await Promise.all(sizes)));
}
