import { EngineError } from '../../errors.ts';
import { GpuContext } from '../../gpu/context.ts';
import { packMessage } from '../../io/message.ts';
import { openGpuLoop } from '../../stdp/closed-loop/gpu-loop.ts';
import { planLoop } from '../../stdp/closed-loop/loop-plan.ts';
import type { LoopSums } from '../../stdp/closed-loop/loop-sums.ts';
import { runLoop } from '../../stdp/closed-loop/run-loop.ts';
import type { BatchEngine, Engine } from '../../stdp/engine.ts';
import { gpuEngine } from '../../stdp/gpu-engine.ts';
import { planExperiment } from '../../stdp/plan.ts';
import { loadRules } from '../../stdp/rule/load-rules.ts';
import { type Progress, type Simulation, simulate } from '../../stdp/simulate.ts';
import { type FinishedExperiment, runShards } from '../../stdp/simulate-many.ts';
import { openGpuThreshold } from '../../stdp/threshold/gpu-threshold.ts';
import { runThreshold } from '../../stdp/threshold/run-threshold.ts';
import { planThreshold } from '../../stdp/threshold/threshold-plan.ts';
import type { ThresholdSums } from '../../stdp/threshold/threshold-twin.ts';
import type { TrialOutcome } from '../../stdp/trial-run.ts';
import type { Job, LoopJob, Outcome, ShardsJob, SimulateJob, ThresholdJob } from './protocol.ts';
import { trainJob } from './train-job.ts';

let context: Promise<GpuContext> | undefined;
let running: AbortController | undefined;

function gpuContext(): Promise<GpuContext> {
  context ??= GpuContext.create({ powerPreference: 'high-performance' });
  return context;
}

function onProgress(progress: Progress): void {
  const bar = document.querySelector('progress');
  if (bar) bar.value = progress.done / progress.total;
  window.stdpProgress?.(progress);
}

function simulateJob(engine: Engine, { spec, options }: SimulateJob, signal: AbortSignal): Promise<Simulation> {
  return simulate(engine, planExperiment(spec), { ...options, signal, onProgress });
}

async function loopJob({ spec, options }: LoopJob, signal: AbortSignal): Promise<TrialOutcome<LoopSums>> {
  const plan = planLoop(spec);
  return runLoop(await openGpuLoop(await gpuContext(), plan), plan, { ...options, signal, onProgress });
}

async function thresholdJob(job: ThresholdJob, signal: AbortSignal): Promise<TrialOutcome<ThresholdSums>> {
  const plan = planThreshold(job.spec);
  const run = await openGpuThreshold(await gpuContext(), plan);
  return runThreshold(run, plan, { ...job.options, signal, onProgress });
}

/** The result of a job of any kind. */
async function resultOf(job: Job, signal: AbortSignal): Promise<unknown> {
  switch (job.kind) {
    case 'simulate':
      return simulateJob(gpuEngine(await gpuContext()), job, signal);
    case 'shards':
      return shardsJob(gpuEngine(await gpuContext()), job, signal);
    case 'loop':
      return loopJob(job, signal);
    case 'threshold':
      return thresholdJob(job, signal);
    case 'train':
      return trainJob(job, await gpuContext(), signal, (score) => window.stdpProgress?.(score));
  }
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
    await loadRules();
    const result = await resultOf(job, running.signal);
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
