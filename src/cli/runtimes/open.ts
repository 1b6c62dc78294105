import { EngineError } from '../../errors.ts';
import { hasGpuDevice } from '../machine/gpu-devices.ts';
import type { Runtime, RuntimeName, RuntimeOptions } from './runtime.ts';

/** Opens one runtime. Each is loaded only when it is used. */
export async function openRuntime(name: RuntimeName, options: RuntimeOptions): Promise<Runtime> {
  switch (name) {
    case 'chrome':
      return (await import('./chrome.ts')).openChromeRuntime(options);
    case 'node':
      return (await import('./node.ts')).openNodeRuntime();
    case 'cpu':
      return (await import('./cpu.ts')).openCpuRuntime();
  }
}

/** What to tell of the choice of a runtime. */
export interface ChoiceOptions extends RuntimeOptions {
  /** Take a software adapter rather than the CPU runtime, which is faster: to run the WGSL kernels. */
  readonly preferGpu?: boolean;
  /** Told why a runtime is passed over. */
  readonly onSkipped: (name: RuntimeName, reason: string) => void;
}

/**
 * Opens the runtime that was asked for, by name or with a browser, or the best one available: Chrome, else Node, on a
 * hardware adapter; where there is none, the CPU.
 */
export async function openBestRuntime(wanted: RuntimeName | undefined, options: ChoiceOptions): Promise<Runtime> {
  if (wanted) return openRuntime(wanted, options);
  // A browser that was asked for must not be passed over for another runtime.
  if (options.browser !== undefined || options.headed) return openRuntime('chrome', options);
  let software: Runtime | undefined;
  for (const name of options.preferGpu || mayHaveGpu() ? (['chrome', 'node'] as const) : []) {
    try {
      const runtime = await openRuntime(name, options);
      if (!runtime.description.software) {
        await software?.close();
        return runtime;
      }
      if (options.preferGpu && !software) {
        software = runtime;
      } else {
        await runtime.close();
        if (!options.preferGpu) options.onSkipped(name, `${runtime.description.adapter} is a software adapter`);
      }
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.code === 'invalid-option' || error.code === 'aborted') throw error;
      options.onSkipped(name, error.message);
    }
  }
  return software ?? openRuntime('cpu', options);
}

/** On Linux a GPU shows in the file system, which spares starting a browser to find that there is none. */
function mayHaveGpu(): boolean {
  return process.platform !== 'linux' || hasGpuDevice();
}
