import { availableParallelism, cpus } from 'node:os';
import { fastCpuEngine } from '../../stdp/fast/fast-cpu.ts';
import { simulate } from '../../stdp/simulate.ts';
import { runShards } from '../../stdp/simulate-many.ts';
import type { Runtime } from './runtime.ts';

/** WebAssembly SIMD on one worker thread a core. */
export async function openCpuRuntime(): Promise<Runtime> {
  const threads = availableParallelism();
  const engine = fastCpuEngine({ threads });
  const model = cpus()[0]?.model.trim() ?? 'the CPU';
  return {
    description: {
      runtime: 'cpu',
      adapter: `WebAssembly SIMD, ${threads} ${threads === 1 ? 'thread' : 'threads'} on ${model}`,
      software: true,
      details: { node: process.version },
    },
    simulate: (plan, options) => simulate(engine, plan, options),
    runShards: (shards, options) => runShards(engine, shards, options),
    close: async () => engine.close(),
  };
}
