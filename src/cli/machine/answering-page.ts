import type { Page } from 'puppeteer';
import { EngineError } from '../../errors.ts';

const ASK_EVERY_MS = 2000;
const LONGEST_SILENCE_MS = 60_000;

/** The message of a page that answers nothing any more. */
export const STOPPED_ANSWERING = /the page stopped answering in the middle of the work; try it again$/;

/**
 * Waits for something in a page as long as the page answers at all.
 *
 * Beside other work on two cores, a page of Chromium 147 now and then stops for good: its main thread waits without a
 * limit, every thread of the GPU's process is idle, and what is asked of the page, were it `1`, never comes; the next page
 * is well.
 *
 * @param longestSilenceMs a page that answers nothing for so long has stopped.
 * @throws EngineError `device-lost` when it has stopped; else what `waited` fails with.
 */
export async function whileAnswering<T>(
  page: Page,
  waited: Promise<T>,
  longestSilenceMs = LONGEST_SILENCE_MS,
): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([waited, silenceOf(page, longestSilenceMs, over.signal)]);
  } finally {
    over.abort();
  }
}

async function silenceOf(page: Page, longestMs: number, over: AbortSignal): Promise<never> {
  while (!over.aborted) {
    await after(ASK_EVERY_MS, over);
    // A page that is gone is no silent one.
    const answer = page.evaluate(() => true).catch(() => true);
    // In two halves: of a machine that wakes up, the first one may be over before anything was asked.
    const half = () => Promise.race([answer, after(longestMs / 2, over)]);
    if (!(await half()) && !(await half())) {
      throw new EngineError('device-lost', 'the page stopped answering in the middle of the work; try it again');
    }
  }
  return new Promise(() => undefined);
}

/** `false` after so long; never when it is over before. */
function after(ms: number, over: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
