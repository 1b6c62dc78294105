import { GpuContext } from '../../gpu/context.ts';
import { loadDawn } from '../machine/dawn.ts';
import type { RuntimeDescription } from './runtime.ts';

/** A device of this process on Dawn, and what a manifest says of it. @throws EngineError `unavailable` without an adapter. */
export async function openDawnContext(): Promise<{ context: GpuContext; description: RuntimeDescription }> {
  const { gpu } = await loadDawn();
  const context = await GpuContext.create({ gpu, powerPreference: 'high-performance' });
  const { name: adapter, software } = context.adapter;
  const details = { node: process.version, webgpu: 'Dawn' };
  return { context, description: { runtime: 'node', adapter, software, details } };
}
