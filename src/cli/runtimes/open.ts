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
 * Opens the runtime that was asked for, or the best one available: Chrome, else Node, on a hardware adapter; where
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
      // A browser that was named must not be passed over in silence.
      if (error.code === 'invalid-option' || (name === 'chrome' && options.browser !== undefined)) throw error;
      onSkipped(name, error.message);
    }
  }
  return software ?? openRuntime('cpu', options);
}
