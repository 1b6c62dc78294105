import { availableParallelism, cpus } from 'node:os';
import { openCpuTrainer } from '../../energy/cpu/cpu-trainer.ts';
import { openLoopTwin } from '../../stdp/closed-loop/loop-twin.ts';
import { runLoop } from '../../stdp/closed-loop/run-loop.ts';
import { fastCpuEngine } from '../../stdp/fast/fast-cpu.ts';
import { simulate } from '../../stdp/simulate.ts';
import { runShards } from '../../stdp/simulate-many.ts';
import { runThreshold } from '../../stdp/threshold/run-threshold.ts';
import { openThresholdTwin } from '../../stdp/threshold/threshold-twin.ts';
import type { Runtime } from './runtime.ts';

/** WebAssembly SIMD: experiments on one worker thread a core, networks on one; loops and thresholds by their twins. */
export async function openCpuRuntime(): Promise<Runtime> {
  const threads = availableParallelism();
  const engine = fastCpuEngine({ threads });
  const model = cpus()[0]?.model.trim() ?? 'the CPU';
  return {
    description: {
      runtime: 'cpu',
      adapter: `WebAssembly SIMD, ${threads === 1 ? '1 thread' : `up to ${threads} threads`} on ${model}`,
      software: true,
      details: { node: process.version },
    },
    simulate: (plan, options) => simulate(engine, plan, options),
    runShards: (shards, options) => runShards(engine, shards, options),
    runLoop: (plan, options) => runLoop(openLoopTwin(plan), plan, options),
    runThreshold: (plan, options) => runThreshold(openThresholdTwin(plan), plan, options),
    openTrainer: openCpuTrainer,
    close: async () => engine.close(),
  };
}
