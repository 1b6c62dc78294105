import { EngineError } from '../../errors.ts';
import type { CoreModule } from './core.ts';
import type { ModuleSizes } from './layout.ts';
import { sharedTables } from './tables.ts';
import { wasmBase64 } from './trials.wasm.ts';

/** What every thread starts from. */
export interface LoadedModule extends CoreModule {
  readonly sizes: ModuleSizes;
}

/** Compiles the module of `assembly`. @throws EngineError `unavailable` where there is no WebAssembly with SIMD. */
export async function loadModule(): Promise<LoadedModule> {
  const bytes = Uint8Array.from(atob(wasmBase64), (character) => character.charCodeAt(0));
  try {
    const { module, instance } = await WebAssembly.instantiate(bytes);
    const size = (name: keyof ModuleSizes) => (instance.exports as Record<string, () => number>)[name]!();
    const sizes = {
      memoryBase: size('memoryBase'),
      trainBytes: size('trainBytes'),
      listBytes: size('listBytes'),
      tracesBytes: size('tracesBytes'),
    };
    return { module, tables: sharedTables(sizes.memoryBase), sizes };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the CPU engine needs WebAssembly with SIMD, allowed by the page's content security policy: ${reason}`;
    throw new EngineError('unavailable', message, { cause });
  }
}
