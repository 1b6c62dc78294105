import type { Page } from 'puppeteer';

/** What a page that has stopped answering fails with. Chromium's fault: see {@link whileAnswering}. */
export const STOPPED_ANSWERING = /^the main thread of .* has stopped answering$/;

const ASK_EVERY_MS = 2000;
const LONGEST_SILENCE_MS = 20_000;

/**
 * Waits for something in a page as long as the page answers at all.
 *
 * Beside other work on two cores, a page of Chromium 147 now and then stops for good: its main thread waits without a
 * limit, every thread of the GPU's process is idle, and what is asked of the page, were it `1`, never comes; the next page
 * is well. A test may be tried once more for that and for nothing else, so that a page of ours that does it fails.
 *
 * @throws Error with a message like {@link STOPPED_ANSWERING}, or what `waited` fails with
 */
export async function whileAnswering<T>(page: Page, waited: Promise<T>): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([waited, silenceOf(page, over.signal)]);
  } finally {
    over.abort();
  }
}

async function silenceOf(page: Page, over: AbortSignal): Promise<never> {
  for (;;) {
    await after(ASK_EVERY_MS, over);
    const answer = page.evaluate(() => true).catch(() => true);
    if (!(await Promise.race([answer, after(LONGEST_SILENCE_MS, over)]))) {
      throw new Error(`the main thread of ${page.url()} has stopped answering`);
    }
  }
}

/** `false` after so long; never when it is over before. */
function after(ms: number, over: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
