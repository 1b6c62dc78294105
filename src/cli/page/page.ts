import { EngineError } from '../../errors.ts';
import { GpuContext } from '../../gpu/context.ts';
import { packMessage } from '../../io/message.ts';
import type { BatchEngine, Engine } from '../../stdp/engine.ts';
import { gpuEngine } from '../../stdp/gpu-engine.ts';
import { planExperiment } from '../../stdp/plan.ts';
import { type Simulation, simulate } from '../../stdp/simulate.ts';
import { type FinishedExperiment, runShards } from '../../stdp/simulate-many.ts';
import type { Job, Outcome, ShardsJob, SimulateJob } from './protocol.ts';

let context: Promise<GpuContext> | undefined;
let running: AbortController | undefined;

function gpuContext(): Promise<GpuContext> {
  context ??= GpuContext.create({ powerPreference: 'high-performance' });
  return context;
}

function simulateJob(engine: Engine, { spec, options }: SimulateJob, signal: AbortSignal): Promise<Simulation> {
  const bar = document.querySelector('progress');
  return simulate(engine, planExperiment(spec), {
    ...options,
    signal,
    onProgress: (progress) => {
      if (bar) bar.value = progress.done / progress.total;
      window.stdpProgress?.(progress);
    },
  });
}

async function shardsJob(engine: BatchEngine, job: ShardsJob, signal: AbortSignal): Promise<FinishedExperiment[]> {
  const shards = job.shards.map(({ spec, ...trials }) => ({ plan: planExperiment(spec), ...trials }));
  const finished: FinishedExperiment[] = [];
  for await (const shard of runShards(engine, shards, { ...job.options, signal })) finished.push(shard);
  return finished;
}

async function run(): Promise<Outcome> {
  running = new AbortController();
  try {
    const job = (await (await fetch('/job')).json()) as Job;
    const engine = gpuEngine(await gpuContext());
    const result = await (job.kind === 'simulate'
      ? simulateJob(engine, job, running.signal)
      : shardsJob(engine, job, running.signal));
    const response = await fetch('/result', { method: 'POST', body: packMessage(result) });
    if (!response.ok) throw new Error(`the result was not taken: ${response.status}`);
    return { ok: true };
  } catch (error) {
    if (error instanceof EngineError) return { ok: false, code: error.code, message: error.message };
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, code: undefined, message, ...(stack ? { stack } : {}) };
  } finally {
    running = undefined;
  }
}

window.stdpWebgpu = {
  adapter: async () => (await gpuContext()).adapter,
  run,
  abort: () => running?.abort(),
  close: () => {
    void context?.then((made) => made.destroy());
    context = undefined;
  },
};
