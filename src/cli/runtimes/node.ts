import { openGpuTrainer } from '../../energy/gpu/gpu-trainer.ts';
import { openGpuLoop } from '../../stdp/closed-loop/gpu-loop.ts';
import { runLoop } from '../../stdp/closed-loop/run-loop.ts';
import { gpuEngine } from '../../stdp/gpu-engine.ts';
import { simulate } from '../../stdp/simulate.ts';
import { runShards } from '../../stdp/simulate-many.ts';
import { openGpuThreshold } from '../../stdp/threshold/gpu-threshold.ts';
import { runThreshold } from '../../stdp/threshold/run-threshold.ts';
import { openDawnContext } from './dawn-context.ts';
import type { Runtime } from './runtime.ts';

/** WebGPU in this process: Dawn, on the machine's Vulkan (or Metal, Direct3D), else on the bundled SwiftShader. */
export async function openNodeRuntime(): Promise<Runtime> {
  const { context, description } = await openDawnContext();
  const engine = gpuEngine(context);
  return {
    description,
    simulate: (plan, options) => simulate(engine, plan, options),
    runShards: (shards, options) => runShards(engine, shards, options),
    runLoop: async (plan, options) => runLoop(await openGpuLoop(context, plan), plan, options),
    runThreshold: async (plan, options) => runThreshold(await openGpuThreshold(context, plan), plan, options),
    openTrainer: (settings, examples, state) => openGpuTrainer(context, settings, examples, state),
    close: async () => context.destroy(),
  };
}
