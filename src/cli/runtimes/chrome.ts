import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import type { PassOptions, Score } from '../../energy/training/trainer.ts';
import { EngineError } from '../../errors.ts';
import { unpackMessage } from '../../io/message.ts';
import type { LoopSums } from '../../stdp/closed-loop/loop-sums.ts';
import type { Progress, Simulation } from '../../stdp/simulate.ts';
import type { FinishedExperiment } from '../../stdp/simulate-many.ts';
import type { ThresholdSums } from '../../stdp/threshold/threshold-twin.ts';
import type { TrialOutcome } from '../../stdp/trial-run.ts';
import { whileAnswering } from '../machine/answering-page.ts';
import { launchBrowser } from '../machine/browser.ts';
import { serveFolder } from '../machine/static-server.ts';
import { unlessAborted } from '../machine/unless-aborted.ts';
import { packageFolder } from '../package-folder.ts';
import type { Job, TrainJob } from '../page/protocol.ts';

import { openPageTrainer } from './page-trainer.ts';
import type { Runtime, RuntimeOptions } from './runtime.ts';

/** WebGPU in Chrome or Chromium: a page of our own that computes and posts its result back. */
export async function openChromeRuntime({ browser: path, headed, signal: opening }: RuntimeOptions): Promise<Runtime> {
  let job: Job | undefined;
  let payload: Blob | undefined;
  let takeResult: ((bytes: ArrayBuffer) => void) | undefined;
  const server = await serveFolder(join(packageFolder(), 'dist/page'), {
    '/job': (_, response) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(job)),
    '/payload': async (_, response) => void response.end(new Uint8Array((await payload?.arrayBuffer()) ?? [])),
    '/result': (request, response) => {
      readBody(request, response).then((bytes) => bytes && takeResult?.(bytes));
    },
  });
  try {
    const { findBrowser } = await import('../machine/find-browser.ts');
    const launched = await launchBrowser({
      ...(path === undefined ? {} : { choice: await findBrowser(path) }),
      ...(headed === undefined ? {} : { headed }),
      signal: opening,
    });
    try {
      const page = await unlessAborted(launched.browser.newPage(), opening);
      let onProgress: ((progress: never) => void) | undefined;
      await page.exposeFunction('stdpProgress', (progress: Progress | Score) => onProgress?.(progress as never));
      await unlessAborted(page.goto(server.url), opening);
      await unlessAborted(page.waitForFunction('window.stdpWebgpu !== undefined'), opening);
      const adapter = await unlessAborted(
        page.evaluate(() => window.stdpWebgpu.adapter()),
        opening,
      );
      const died = diesWith(page);

      const runInPage = async (
        wanted: Job,
        signal: AbortSignal | undefined,
        progress?: ((progress: Progress) => void) | ((score: Score) => void),
      ): Promise<unknown> => {
        // An abort that is already past fires no event.
        if (signal?.aborted) throw new EngineError('aborted', 'interrupted before anything was finished');
        job = wanted;
        onProgress = progress;
        const result = new Promise<ArrayBuffer>((resolve) => {
          takeResult = resolve;
        });
        const abort = () => void page.evaluate(() => window.stdpWebgpu.abort()).catch(() => undefined);
        signal?.addEventListener('abort', abort);
        try {
          const run = page.evaluate(() => window.stdpWebgpu.run());
          const outcome = await whileAnswering(page, Promise.race([run, died]));
          if (outcome.ok) return unpackMessage(await result);
          if (outcome.code) throw new EngineError(outcome.code, outcome.message);
          throw new Error(outcome.stack ?? outcome.message);
        } finally {
          signal?.removeEventListener('abort', abort);
        }
      };
      return {
        description: {
          runtime: 'chrome',
          adapter: launched.software && adapter.name === 'unknown adapter' ? 'SwiftShader' : adapter.name,
          software: adapter.software,
          details: { browser: launched.version, executable: launched.executable, flags: launched.args },
        },
        async simulate({ spec }, { chunk, rates, traces, signal, onProgress: progress }) {
          const options = {
            ...(chunk === undefined ? {} : { chunk }),
            ...(rates === undefined ? {} : { rates }),
            ...(traces === undefined ? {} : { traces }),
          };
          return (await runInPage({ kind: 'simulate', spec, options }, signal, progress)) as Simulation;
        },
        async *runShards(shards, { chunk, signal }) {
          const wanted = shards.map(({ plan: { spec }, ...trials }) => ({ spec, ...trials }));
          const options = chunk === undefined ? {} : { chunk };
          yield* (await runInPage({ kind: 'shards', shards: wanted, options }, signal)) as FinishedExperiment[];
        },
        async runLoop({ spec }, { chunk, signal, onProgress: progress }) {
          const options = chunk === undefined ? {} : { chunk };
          return (await runInPage({ kind: 'loop', spec, options }, signal, progress)) as TrialOutcome<LoopSums>;
        },
        async runThreshold({ spec }, { chunk, signal, onProgress: progress }) {
          const options = chunk === undefined ? {} : { chunk };
          const outcome = await runInPage({ kind: 'threshold', spec, options }, signal, progress);
          return outcome as TrialOutcome<ThresholdSums>;
        },
        openTrainer: (settings, examples, state) => {
          const run = (wanted: TrainJob, sent: Blob | undefined, options: PassOptions) => {
            payload = sent;
            return runInPage(wanted, options.signal, options.onProgress);
          };
          return openPageTrainer(run, settings, examples, state);
        },
        close: async () => {
          await launched.close();
          await server.close();
        },
      };
    } catch (error) {
      await launched.close();
      throw error;
    }
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Rejects when the page or its browser goes away. */
function diesWith(page: Page): Promise<never> {
  const died = new Promise<never>((_, reject) => {
    const lost = (what: string) => reject(new EngineError('device-lost', `${what} in the middle of the work`));
    page.once('error', () => lost('the page crashed'));
    page.once('close', () => lost('the page was closed'));
    page.browser().once('disconnected', () => lost('the browser went away'));
  });
  died.catch(() => undefined);
  return died;
}

/** The whole body of a request; `undefined` (and status 400) where it breaks off. */
async function readBody(request: IncomingMessage, response: ServerResponse): Promise<ArrayBuffer | undefined> {
  try {
    const bytes = new Uint8Array(Number(request.headers['content-length']));
    let at = 0;
    for await (const piece of request as AsyncIterable<Buffer>) {
      bytes.set(piece, at);
      at += piece.length;
    }
    if (at !== bytes.length) throw new Error('short body');
    response.end();
    return bytes.buffer;
  } catch {
    response.writeHead(400).end();
    return undefined;
  }
}
