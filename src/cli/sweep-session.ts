import type { Journal } from '../stdp/sweep/journal.ts';
import { runSweep } from '../stdp/sweep/run-sweep.ts';
import type { ShardRunner } from '../stdp/sweep/shard-runner.ts';
import type { SweepPlan } from '../stdp/sweep/sweep-spec.ts';
import type { CommonOptions } from './options.ts';
import { openRuntime } from './runtimes/open.ts';
import type { Runtime, RuntimeDescription } from './runtimes/runtime.ts';
import { type Reporter, withRuntime } from './session.ts';
import { withSweepProgress } from './sweep-progress.ts';

/** What is finished, in the output folder. */
export const JOURNAL = 'sweep.journal';

/**
 * Runs what a journal lacks of a sweep, on the runtime that was asked for. After the signal the journal lacks some still.
 *
 * @returns what computed; `undefined` where nothing was left to compute
 */
export async function runWithRuntime(
  plan: SweepPlan,
  options: CommonOptions,
  journal: Journal,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<RuntimeDescription | undefined> {
  if (journal.finished.size === plan.points) return undefined;
  return withRuntime(options, reporter, signal, async (opened) => {
    await withSweepProgress(reporter.quiet ? undefined : 'points', async (onProgress) => {
      const chunk = options.chunk === undefined ? {} : { chunk: options.chunk };
      const open = runtimeOpener(opened, options);
      for await (const _ of runSweep(plan, { open, journal, signal, onProgress, ...chunk }));
    });
    return opened.description;
  });
}

/**
 * Opens the runtime that is there already first (and leaves its closing to whoever opened it), then, where its device
 * was lost, one of the same kind anew.
 */
function runtimeOpener(first: Runtime, options: CommonOptions): () => Promise<ShardRunner> {
  let isFirst = true;
  return async () => {
    const close = isFirst ? () => undefined : () => runtime.close();
    const runtime = isFirst ? first : await openRuntime(first.description.runtime, options);
    isFirst = false;
    return { run: (shards, limits) => runtime.runShards(shards, limits), close };
  };
}
