import { cpus } from 'node:os';
import { simulate } from '../../stdp/simulate.ts';
import { twinEngine } from '../../stdp/twin.ts';
import type { Runtime } from './runtime.ts';

/** The TypeScript twin, in this process. */
export async function openCpuRuntime(): Promise<Runtime> {
  const engine = twinEngine();
  return {
    description: {
      runtime: 'cpu',
      adapter: `TypeScript twin on ${cpus()[0]?.model.trim() ?? 'the CPU'}`,
      software: true,
      details: { node: process.version },
    },
    simulate: (plan, options) => simulate(engine, plan, options),
    close: async () => {},
  };
}
