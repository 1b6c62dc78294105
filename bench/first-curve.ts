import { join } from 'node:path';
import { type LaunchOptions, launchBrowser } from '../src/cli/machine/browser.ts';
import { serveFolder } from '../src/cli/machine/static-server.ts';
import { packageFolder } from '../src/cli/package-folder.ts';
import { EngineError } from '../src/errors.ts';
import type { FirstCurve } from './report.ts';
import { summarize } from './statistics.ts';

/** A page that shows no curve by then is broken. */
const LONGEST_MS = 30_000;

/**
 * Opens the demo page as it was built, cold: every sample has a browser of its own that has never seen the page.
 *
 * @throws EngineError `aborted`, `unavailable` without a browser, `check-failed` where the page shows no curve.
 */
export async function measureFirstCurve(
  samples: number,
  launch: LaunchOptions,
  signal?: AbortSignal,
): Promise<FirstCurve> {
  const server = await serveFolder(join(packageFolder(), 'dist/demo'));
  try {
    const seconds: number[] = [];
    while (seconds.length < samples) {
      if (signal?.aborted) throw new EngineError('aborted', 'interrupted; an incomplete benchmark is not written');
      seconds.push(await firstCurveOf(server.url, launch));
    }
    const { median, spread } = summarize(seconds);
    return { median_s: median, spread_s: spread, samples };
  } finally {
    await server.close();
  }
}

async function firstCurveOf(url: string, launch: LaunchOptions): Promise<number> {
  const launched = await launchBrowser(launch);
  try {
    const page = await launched.browser.newPage();
    await page.evaluateOnNewDocument(watchForCurve);
    await page.goto(url);
    const shown = await page
      .waitForFunction(() => window.stdpFirstCurve, { timeout: LONGEST_MS, polling: 200 })
      .catch((cause) => {
        const seconds = LONGEST_MS / 1000;
        throw new EngineError('check-failed', `the demo page shows no curve within ${seconds} s`, { cause });
      });
    return ((await shown.jsonValue()) as number) / 1000;
  } finally {
    await launched.close();
  }
}

/** Runs in the page, which knows nothing of it: looks at every frame, and lets the one with the curve be painted. */
function watchForCurve(): void {
  const look = () => {
    if (!document.querySelector('#curve-figure svg path')) requestAnimationFrame(look);
    else requestAnimationFrame(() => setTimeout(() => Object.assign(window, { stdpFirstCurve: performance.now() })));
  };
  requestAnimationFrame(look);
}

declare global {
  interface Window {
    /** Milliseconds after navigation. */
    stdpFirstCurve?: number;
  }
}
