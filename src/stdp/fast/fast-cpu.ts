import { EngineError } from '../../errors.ts';
import type { BatchEngine } from '../engine.ts';
import { simulate } from '../simulate.ts';
import type { Tallies } from '../tallies.ts';
import { keepBusy, runFastBatch } from './fast-batch.ts';
import { FastTile } from './fast-tile.ts';
import type { ModuleSizes } from './layout.ts';
import { loadModule } from './module.ts';
import { largestRegion } from './parts.ts';
import { callingThread, startWorker, type Thread } from './thread.ts';

export interface FastCpuOptions {
  /** Worker threads, an integer ≥ 0; 0 works on the calling thread. Default: one for each core. */
  readonly threads?: number;
}

export interface FastCpuEngine extends BatchEngine, Disposable {
  /**
   * Ends the worker threads; tiles that are open are lost. Node also exits without it: idle workers do not keep the
   * process.
   */
  close(): void;
}

/**
 * The experiment on the CPU with WebAssembly SIMD, four trials side by side, on worker threads: equal to the twin and
 * the GPU in every bit. Works on the calling thread, a few milliseconds at a time, where workers are not to be had.
 *
 * A page with a content security policy has to allow `script-src 'wasm-unsafe-eval'`, and for the workers
 * `worker-src blob:`.
 *
 * @throws EngineError `invalid-option` for a number of threads that is not acceptable; when a tile is opened,
 * `unavailable` where there is no WebAssembly with SIMD.
 * @example
 * using engine = fastCpuEngine();
 * const { tallies } = await simulate(engine, planExperiment(parseSpec({})));
 */
export function fastCpuEngine(options: FastCpuOptions = {}): FastCpuEngine {
  const threads = options.threads ?? coreCount();
  if (!(Number.isSafeInteger(threads) && threads >= 0)) {
    const expected = 'an integer ≥ 0';
    throw new EngineError('invalid-option', `threads: ${threads} is not allowed; expected ${expected}`, {
      path: 'threads',
      value: threads,
      expected,
    });
  }
  let starting: Promise<Crew> | undefined;
  let closed = false;
  let tiles = 0;
  const close = () => {
    closed = true;
    starting?.then(endThreads, () => undefined);
  };
  const started = async (): Promise<Crew> => {
    if (closed) throw new EngineError('aborted', 'the CPU engine was closed');
    starting ??= startThreads(threads);
    return starting;
  };
  const engine: FastCpuEngine = {
    largestRegion: (plan) => largestRegion(plan, Math.max(1, threads)),
    async openTile(plan, region) {
      const crew = await started();
      return FastTile.open(plan, region, crew.threads, crew.sizes, tiles++);
    },
    shareBatch: () => true,
    async runBatch(shards, { signal }) {
      const crew = await started();
      if (keepBusy(shards, crew.threads.length)) {
        return runFastBatch(shards, crew.threads, crew.sizes, () => tiles++, signal);
      }
      const results: Tallies[] = [];
      for (const { plan, firstTrial, endTrial } of shards) {
        const { tallies, interrupted } = await simulate(engine, plan, {
          trials: { first: firstTrial, end: endTrial },
          ...(signal ? { signal } : {}),
        });
        if (interrupted) return undefined;
        results.push(tallies);
      }
      return results;
    },
    close,
    [Symbol.dispose]: close,
  };
  return engine;
}

/** What an engine works with. */
interface Crew {
  readonly threads: readonly Thread[];
  readonly sizes: ModuleSizes;
}

async function startThreads(count: number): Promise<Crew> {
  const { sizes, ...module } = await loadModule();
  const workers = (await Promise.all(Array.from({ length: count }, () => startWorker(module)))).filter(
    (worker) => worker !== undefined,
  );
  return { threads: workers.length > 0 ? workers : [callingThread(module)], sizes };
}

function endThreads({ threads }: Crew): void {
  for (const thread of threads) thread.close();
}

function coreCount(): number {
  const { navigator, process } = globalThis;
  return navigator?.hardwareConcurrency ?? process?.getBuiltinModule?.('node:os').availableParallelism() ?? 1;
}
