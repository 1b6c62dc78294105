import type { BatchEngine, Shard } from '../engine.ts';
import { type FinishedExperiment, runShards, type SimulateManyOptions } from '../simulate-many.ts';

/** Computes the shards of a sweep: an engine in this program, or one in a page. */
export interface ShardRunner {
  /** Yields shards as they are finished; after the signal it ends early. */
  run(shards: readonly Shard[], options: SimulateManyOptions): AsyncIterable<FinishedExperiment>;
  /** Frees what it holds; called once, also after a failure. */
  close(): void | Promise<void>;
}

/** Runs shards on an engine. @param close frees the engine */
export function engineRunner(engine: BatchEngine, close: () => void | Promise<void> = () => {}): ShardRunner {
  return { run: (shards, options) => runShards(engine, shards, options), close };
}
