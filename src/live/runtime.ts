import { EngineError } from '../errors.ts';
import { GpuContext } from '../gpu/context.ts';
import type { BatchEngine, Engine } from '../stdp/engine.ts';
import { fastCpuEngine } from '../stdp/fast/fast-cpu.ts';
import { gpuEngine } from '../stdp/gpu-engine.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';
import { twinEngine } from '../stdp/twin.ts';
import type { WantedRuntime } from './runtime-choice.ts';

/** What computes the page's experiments. */
export interface Runtime {
  readonly kind: 'gpu' | 'cpu';
  readonly engine: Engine;
  /** The same for many small experiments together. */
  readonly batchEngine: BatchEngine;
  /** For people. */
  readonly name: string;
  /** What the reader has to be told: why this is not what was to be expected. Empty if it is. */
  readonly reason: string;
  /** Experiments start at a reduced size. */
  readonly reduces: boolean;
  /** Settles with the reason when the device is lost; never on the CPU. */
  readonly lost: Promise<string>;
  /** Frees the device, or ends the threads. */
  close(): void;
}

/** The GPU; the CPU where there is none, or only a software adapter, which is slower than the CPU by itself. */
export async function openRuntime(wanted: WantedRuntime): Promise<Runtime> {
  if (wanted === 'cpu') return cpuRuntime('The address of this page asks for the CPU.', true);
  try {
    const context = await GpuContext.create();
    const { name, software } = context.adapter;
    if (software && wanted === 'auto') {
      context.destroy();
      return { ...cpuRuntime('', false), name: `${cpuName()}; the WebGPU adapter is only software (${name})` };
    }
    return gpuRuntime(context);
  } catch (error) {
    const { expected = error instanceof Error ? error.message : String(error) } = error as Partial<EngineError>;
    return cpuRuntime(`This browser gives the page no WebGPU device: ${expected}.`, true);
  }
}

/** A device: one that is made for the page, or the page's own. */
export function gpuRuntime(context: GpuContext): Runtime {
  const engine = gpuEngine(context);
  const { name, software } = context.adapter;
  return {
    kind: 'gpu',
    engine,
    batchEngine: engine,
    name: software ? `${name} (software adapter, on the CPU)` : name,
    reason: '',
    reduces: false,
    lost: context.device.lost.then(({ message }) => {
      context.destroy();
      return message;
    }),
    close: () => context.destroy(),
  };
}

/** The CPU. @param reason a sentence for the reader: why not the GPU. */
export function cpuRuntime(reason: string, reduces: boolean): Runtime {
  const lost = new Promise<string>(() => {});
  const fast = fastCpuEngine();
  return {
    kind: 'cpu',
    engine: withTwin(fast),
    batchEngine: fast,
    name: cpuName(),
    reason,
    reduces,
    lost,
    close: () => fast.close(),
  };
}

const cpuName = () => `CPU, WebAssembly on ${navigator.hardwareConcurrency} threads`;

/** The fast engine; the TypeScript twin in a browser without the WebAssembly that it needs. */
function withTwin(fast: Engine): Engine {
  const twin = twinEngine();
  let engine: Engine = fast;
  return {
    largestRegion: (plan) => twin.largestRegion(plan),
    async openTile(plan, region) {
      try {
        return await engine.openTile(plan, region);
      } catch (error) {
        if (!(error instanceof EngineError && error.code === 'unavailable')) throw error;
        engine = twin;
        return engine.openTile(plan, region);
      }
    },
  };
}

/** Size of an experiment that even the twin finishes in about a second. */
const REDUCED = { sequences: 250, steps: 160, trials: 200 } as const;

/** The experiment's first sequences and trials: the same spikes as in the whole of it. */
export function reducedSpec(spec: ExperimentSpec): ExperimentSpec {
  const most = Math.max(1, Math.floor((REDUCED.sequences * REDUCED.steps) / spec.steps));
  const sequences = Math.min(spec.sequences, REDUCED.sequences, most);
  const neuron = (of: ExperimentSpec['pre']) =>
    of.drive.type === 'table' ? { ...of, drive: { ...of.drive, values: of.drive.values.slice(0, sequences) } } : of;
  return {
    ...spec,
    sequences,
    trials: Math.min(spec.trials, REDUCED.trials),
    pre: neuron(spec.pre),
    post: neuron(spec.post),
  };
}
