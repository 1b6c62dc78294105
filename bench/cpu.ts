import { type FastCpuEngine, fastCpuEngine } from '../src/stdp/fast/fast-cpu.ts';
import type { Workload } from './workload.ts';

/** A workload on the engine that the product uses where it computes on the CPU, with a thread for each core. */
export async function onCpuPath(open: (engine: FastCpuEngine) => Promise<Workload>): Promise<Workload> {
  const engine = fastCpuEngine();
  const workload = await open(engine);
  return {
    ...workload,
    close() {
      workload.close();
      engine.close();
    },
  };
}
