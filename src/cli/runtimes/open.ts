import { EngineError } from '../../errors.ts';
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

/**
 * Opens the runtime that was asked for, by name or with a browser, or the best one available: Chrome, else Node, on a hardware adapter; where
 * there is none, Chrome, else Node, on a software adapter; else the CPU.
 *
 * @param onSkipped told why a runtime was passed over.
 */
export async function openBestRuntime(
  wanted: RuntimeName | undefined,
  options: RuntimeOptions,
  onSkipped: (name: RuntimeName, reason: string) => void,
): Promise<Runtime> {
  if (wanted) return openRuntime(wanted, options);
  // A browser that was asked for must not be passed over for another runtime.
  if (options.browser !== undefined || options.headed) return openRuntime('chrome', options);
  let software: Runtime | undefined;
  for (const name of ['chrome', 'node'] as const) {
    try {
      const runtime = await openRuntime(name, options);
      if (!runtime.description.software) {
        await software?.close();
        return runtime;
      }
      if (software) await runtime.close();
      else software = runtime;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.code === 'invalid-option') throw error;
      onSkipped(name, error.message);
    }
  }
  return software ?? openRuntime('cpu', options);
}
