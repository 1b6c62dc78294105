import { type Engine, EngineError, fastCpuEngine, GpuContext, gpuEngine, twinEngine } from '../../src/index.ts';

/** What a page computes with. */
export interface Device {
  readonly kind: 'gpu' | 'cpu';
  readonly engine: Engine;
  /** The GPU itself; absent on the CPU. */
  readonly context?: GpuContext;
  /** For people. */
  readonly name: string;
  /** Why this is not what was to be expected; empty if it is. */
  readonly reason: string;
}

/**
 * The GPU; the CPU where there is none, where the only adapter is software, which is slower, or where the address asks for
 * it (`?runtime=cpu`; `?runtime=gpu` takes a software adapter too).
 */
export async function openDevice(query: string): Promise<Device> {
  const wanted = new URLSearchParams(query).get('runtime');
  if (wanted === 'cpu') return cpuDevice('The address of this page asks for the CPU.');
  try {
    const context = await GpuContext.create();
    const { name, software } = context.adapter;
    if (!software || wanted === 'gpu') {
      return { kind: 'gpu', engine: gpuEngine(context), context, name, reason: '' };
    }
    context.destroy();
    return { ...cpuDevice(''), name: `CPU; the WebGPU adapter is only software (${name})` };
  } catch (error) {
    const detail = error instanceof EngineError ? '' : ` (${error instanceof Error ? error.message : String(error)})`;
    return cpuDevice(`This browser gives the page no WebGPU device${detail}: it computes on the CPU.`);
  }
}

function cpuDevice(reason: string): Device {
  const name = `CPU, WebAssembly on ${navigator.hardwareConcurrency} threads`;
  return { kind: 'cpu', engine: typeof WebAssembly === 'object' ? fastCpuEngine() : twinEngine(), name, reason };
}
