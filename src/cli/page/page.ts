import { EngineError } from '../../errors.ts';
import { GpuContext } from '../../gpu/context.ts';
import { packMessage } from '../../io/message.ts';
import { gpuEngine } from '../../stdp/gpu-engine.ts';
import { planExperiment } from '../../stdp/plan.ts';
import { simulate } from '../../stdp/simulate.ts';
import type { Job, Outcome } from './protocol.ts';

let context: Promise<GpuContext> | undefined;
let running: AbortController | undefined;

function gpuContext(): Promise<GpuContext> {
  context ??= GpuContext.create({ powerPreference: 'high-performance' });
  return context;
}

async function run(): Promise<Outcome> {
  running = new AbortController();
  try {
    const { spec, options } = (await (await fetch('/job')).json()) as Job;
    const bar = document.querySelector('progress');
    const result = await simulate(gpuEngine(await gpuContext()), planExperiment(spec), {
      ...options,
      signal: running.signal,
      onProgress: (progress) => {
        if (bar) bar.value = progress.done / progress.total;
        window.stdpProgress?.(progress);
      },
    });
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
