import { cpus } from 'node:os';
import { loadDawn } from '../src/cli/machine/dawn.ts';
import { GpuContext } from '../src/gpu/context.ts';
import { numpyWorkload } from './baselines/numpy.ts';
import { adapterOf } from './machine.ts';
import type { BenchReport, Machine } from './report.ts';
import { runSuite, type SuiteOptions } from './suite.ts';

/** The benchmark in this process, on Dawn. @throws EngineError `unavailable` without an adapter. */
export async function benchOnDawn(options: SuiteOptions): Promise<BenchReport> {
  const { gpu } = await loadDawn();
  offerToLibraries(gpu);
  const context = await GpuContext.create({ gpu, powerPreference: 'high-performance' });
  try {
    const machine = { ...host(), ...adapterOf(context), runtime: 'node' } as const;
    return await runSuite({ machine, context, numpy: numpyWorkload }, options);
  } finally {
    context.destroy();
  }
}

/** The benchmark in this process without a GPU: what computes on the CPU, and numpy. */
export async function benchOnCpu(options: SuiteOptions): Promise<BenchReport> {
  const adapter = cpus()[0]?.model.trim() ?? 'the CPU';
  const without = { adapter, software: true, vendor: '', architecture: process.arch, driver: null } as const;
  return runSuite({ machine: { ...host(), ...without, runtime: 'cpu' }, numpy: numpyWorkload }, options);
}

function host(): Pick<Machine, 'browser' | 'flags' | 'platform' | 'cores'> {
  return {
    browser: `Node ${process.version}`,
    flags: process.execArgv,
    platform: `${process.platform} ${process.arch}, ${cpus()[0]?.model.trim() ?? 'unknown CPU'}`,
    cores: cpus().length,
  };
}

/** Libraries that are made for browsers, such as TensorFlow.js, look for WebGPU where browsers have it. */
function offerToLibraries(gpu: GPU): void {
  if (!globalThis.navigator) {
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true, writable: true });
  }
  if (!globalThis.navigator.gpu) Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
}
