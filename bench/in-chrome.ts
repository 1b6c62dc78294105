import { cpus } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from '../src/cli/machine/browser.ts';
import { findBrowser } from '../src/cli/machine/find-browser.ts';
import { serveFolder } from '../src/cli/machine/static-server.ts';
import { packageFolder } from '../src/cli/package-folder.ts';
import { EngineError } from '../src/errors.ts';
import { numpyEntry } from './entries.ts';
import { benchOnCpu } from './in-node.ts';
import type { PageOutcome } from './page-api.ts';
import type { BenchReport } from './report.ts';
import type { SuiteOptions, SuiteProgress } from './suite.ts';

export interface ChromeOptions {
  readonly browser?: string | undefined;
  readonly headed?: boolean | undefined;
}

/**
 * The benchmark in Chrome: the page of this folder, as it was built, runs by itself there. What a page cannot run,
 * the numpy script, runs in this process after it.
 */
export async function benchInChrome(options: SuiteOptions, { browser, headed }: ChromeOptions): Promise<BenchReport> {
  const { only, quick, signal } = options;
  const withNumpy = only === undefined || only.includes(numpyEntry.name) || only.includes(numpyEntry.group);
  const inPage = await runPage(options, { browser, headed });
  if (!withNumpy) return inPage;
  const isNumpy = ({ name }: { readonly name: string }) => name === numpyEntry.name;
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
    ...inPage,
    results: [...inPage.results, ...numpy.results],
    left_out: [...inPage.left_out.filter((left) => !isNumpy(left)), ...numpy.left_out],
  };
}

async function runPage(options: SuiteOptions, { browser, headed }: ChromeOptions): Promise<BenchReport> {
  const { only, quick, signal } = options;
  const server = await serveFolder(join(packageFolder(), 'dist/bench'));
  try {
    const launched = await launchBrowser({
      ...(browser === undefined ? {} : { choice: await findBrowser(browser) }),
      ...(headed === undefined ? {} : { headed }),
    });
    try {
      const page = await launched.browser.newPage();
      // What the page leaves out for want of python is not left out of the whole.
      const told = (progress: SuiteProgress) =>
        options.onProgress?.({
          ...progress,
          leftOut: progress.leftOut.filter(({ name }) => name !== numpyEntry.name),
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
