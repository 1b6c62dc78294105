import { EngineError } from '../../errors.ts';
import { cpuPlace } from '../../generative/cpu-engine.ts';
import type { TrainingPlace } from '../../generative/run-training.ts';
import { hasGpuDevice } from '../machine/gpu-devices.ts';
import { badOption, type CommonOptions } from '../options.ts';
import type { RuntimeDescription } from '../runtimes/runtime.ts';
import type { Reporter } from '../session.ts';

/** Where the generative model is computed. */
export interface OpenPlace extends TrainingPlace {
  readonly description: RuntimeDescription;
  close(): Promise<void>;
}

/**
 * Opens the runtime that was asked for, or the best one available: Dawn in this process on a hardware adapter; where
 * there is none, the CPU, which is some ten times faster than a software adapter.
 */
export async function openPlace({ runtime }: Pick<CommonOptions, 'runtime'>, reporter: Reporter): Promise<OpenPlace> {
  const place = await choose(runtime, reporter);
  const { runtime: name, adapter, software } = place.description;
  reporter.line(`runtime ${name}: ${adapter}${software && name !== 'cpu' ? ' (software adapter)' : ''}`);
  return place;
}

async function choose(runtime: CommonOptions['runtime'], reporter: Reporter): Promise<OpenPlace> {
  if (runtime === 'chrome')
    throw badOption('--runtime', runtime, 'node or cpu: the generative model runs in no browser yet');
  if (runtime === 'cpu') return openCpu();
  if (runtime === 'node') return openNode();
  if (process.platform !== 'linux' || hasGpuDevice()) {
    try {
      const place = await openNode();
      if (!place.description.software) return place;
      await place.close();
      reporter.line(`runtime node is passed over: ${place.description.adapter} is a software adapter`);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      reporter.line(`runtime node is passed over: ${error.message}`);
    }
  }
  return openCpu();
}

async function openCpu(): Promise<OpenPlace> {
  const description = { runtime: 'cpu', adapter: 'WebAssembly SIMD on one thread', software: true } as const;
  return { ...cpuPlace, description: { ...description, details: { node: process.version } }, close: async () => {} };
}

async function openNode(): Promise<OpenPlace> {
  const { openDawnContext } = await import('../runtimes/dawn-context.ts');
  const { openGpuTrainer } = await import('../../generative/gpu/gpu-trainer.ts');
  const { openGpuModelEngine } = await import('../../generative/gpu/gpu-model-engine.ts');
  const { context, description } = await openDawnContext();
  return {
    description,
    openTrainer: (options) => openGpuTrainer(context, options),
    openEngine: (model, parameters) => openGpuModelEngine(context, model, parameters),
    close: async () => context.destroy(),
  };
}
