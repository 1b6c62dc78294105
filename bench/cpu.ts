import type { Engine } from '../src/stdp/engine.ts';
import { fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';

/** The CPU path that is measured as `cpu`. */
export interface CpuPath {
  readonly engine: Engine;
  close(): void;
}

/** The engine that the product uses where it computes on the CPU, with a thread for each core. */
export function openCpuPath(): CpuPath {
  const engine = fastCpuEngine();
  return { engine, close: () => engine.close() };
}
