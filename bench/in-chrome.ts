import { cpus } from 'node:os';
import { join } from 'node:path';
import { type LaunchOptions, launchBrowser } from '../src/cli/machine/browser.ts';
import { findBrowser } from '../src/cli/machine/find-browser.ts';
import { serveFolder } from '../src/cli/machine/static-server.ts';
import { packageFolder } from '../src/cli/package-folder.ts';
import { EngineError } from '../src/errors.ts';
import { firstCurveName, numpyEntry } from './entries.ts';
import { measureFirstCurve } from './first-curve.ts';
import { benchOnCpu } from './in-node.ts';
import type { PageOutcome } from './page-api.ts';
import type { BenchReport, LeftOut } from './report.ts';
import type { SuiteOptions, SuiteProgress } from './suite.ts';

export interface ChromeOptions {
  readonly browser?: string | undefined;
  readonly headed?: boolean | undefined;
}

/** Browsers that are started for the first curve. */
const COLD_STARTS = { quick: 1, full: 5 } as const;

/**
 * The benchmark in Chrome: the page of this folder, as it was built, runs by itself there. What a page cannot run,
 * the numpy script, runs in this process after it, and the demo page is opened in browsers of its own.
 */
export async function benchInChrome(options: SuiteOptions, chrome: ChromeOptions): Promise<BenchReport> {
  const { only, quick, signal } = options;
  const wants = (...names: readonly string[]) => only === undefined || names.some((name) => only.includes(name));
  const launch = await launchOptions(chrome);
  const inPage = await runPage(options, launch);
  const starts = COLD_STARTS[quick ? 'quick' : 'full'];
  const withCurve = wants(firstCurveName)
    ? { ...inPage, first_curve: await measureFirstCurve(starts, launch, signal) }
    : inPage;
  if (!wants(numpyEntry.name, numpyEntry.group)) return withCurve;
  const numpy = await benchOnCpu({
    quick,
    only: [numpyEntry.name],
    ...(signal ? { signal } : {}),
    onProgress: (progress) => {
      const done = inPage.results.length + progress.done;
      options.onProgress?.({ ...progress, done, total: inPage.results.length + 1 });
    },
  });
  return {
    ...withCurve,
    results: [...inPage.results, ...numpy.results],
    left_out: [...inPage.left_out, ...numpy.left_out],
  };
}

/** Whether what the page left out is left out of the whole benchmark too. */
function isLeftOut({ name }: LeftOut): boolean {
  return name !== numpyEntry.name && name !== firstCurveName;
}

async function launchOptions({ browser, headed }: ChromeOptions): Promise<LaunchOptions> {
  return {
    ...(browser === undefined ? {} : { choice: await findBrowser(browser) }),
    ...(headed === undefined ? {} : { headed }),
  };
}

async function runPage(options: SuiteOptions, launch: LaunchOptions): Promise<BenchReport> {
  const { only, quick, signal } = options;
  const server = await serveFolder(join(packageFolder(), 'dist/bench'));
  try {
    const launched = await launchBrowser(launch);
    try {
      const page = await launched.browser.newPage();
      // What the page leaves out for want of python or of a browser of its own is not left out of the whole.
      const told = (progress: SuiteProgress) =>
        options.onProgress?.({
          ...progress,
          leftOut: progress.leftOut.filter(isLeftOut),
        });
      await page.exposeFunction('stdpBenchProgress', told);
      await page.goto(server.url);
      await page.waitForFunction('window.stdpBench !== undefined');
      const stop = new Promise<never>((_, reject) => {
        const aborted = () => reject(new EngineError('aborted', 'interrupted; an incomplete benchmark is not written'));
        if (signal?.aborted) aborted();
        signal?.addEventListener('abort', aborted);
        const lost = (what: string) => reject(new EngineError('device-lost', `${what} in the middle of the work`));
        page.once('error', () => lost('the page crashed'));
        launched.browser.once('disconnected', () => lost('the browser went away'));
      });
      stop.catch(() => undefined);
      const run = page.evaluate((wanted): Promise<PageOutcome> => window.stdpBench!.run(wanted), {
        quick,
        ...(only ? { only: [...only] } : {}),
      });
      run.catch(() => undefined);
      const outcome = await Promise.race([run, stop]);
      if (!outcome.ok) {
        if (outcome.code) throw new EngineError(outcome.code, outcome.message);
        throw new Error(outcome.message);
      }
      const { report } = outcome;
      return {
        ...report,
        left_out: report.left_out.filter(isLeftOut),
        runtime: 'chrome',
        adapter: launched.software && report.adapter === 'unknown adapter' ? 'SwiftShader' : report.adapter,
        software: report.software || launched.software,
        browser: launched.version,
        flags: launched.args,
        platform: `${process.platform} ${process.arch}, ${cpus()[0]?.model.trim() ?? 'unknown CPU'}`,
      };
    } finally {
      await launched.close();
    }
  } finally {
    await server.close();
  }
}
