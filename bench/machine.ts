import type { GpuContext } from '../src/gpu/context.ts';
import type { Machine } from './report.ts';

/** What a device tells about its adapter. `driver` is what Chromium adds with its developer features. */
export function adapterOf(
  context: GpuContext,
): Pick<Machine, 'adapter' | 'software' | 'vendor' | 'architecture' | 'driver'> {
  const { name, software, vendor, architecture } = context.adapter;
  const info = context.device.adapterInfo as GPUAdapterInfo & { readonly driver?: string };
  return { adapter: name, software, vendor, architecture, driver: info?.driver || null };
}
