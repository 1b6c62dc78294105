import { optionRefusal } from './spec-paths.ts';

/** What is asked to compute; `auto` is a hardware GPU, else the CPU. */
export type WantedRuntime = 'auto' | 'gpu' | 'cpu';

/** The runtime out of `?runtime=` of an address. @throws EngineError for anything but `gpu` and `cpu` */
export function wantedRuntime(query: string): WantedRuntime {
  return wantedRuntimeNamed(new URLSearchParams(query).get('runtime'));
}

/** The same by its name; `null` is `auto`. */
export function wantedRuntimeNamed(name: string | null): WantedRuntime {
  if (name === null) return 'auto';
  if (name === 'gpu' || name === 'cpu') return name;
  throw optionRefusal('runtime', name, '"gpu" or "cpu"');
}
