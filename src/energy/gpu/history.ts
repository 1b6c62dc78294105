import { USAGE, type Workspace } from '../../gpu/workspace.ts';
import { slotParams } from './shaders.ts';
import { BINDING_ALIGNMENT, type UnitLayer } from './unit-layers.ts';

/** Changes of a layer's units in the kept steps of a nudged phase, and their rates before each step. */
export interface History {
  readonly steps: number;
  /** Changes of all steps, then rates of all steps. */
  readonly buffer: GPUBuffer;
  /** Shape [steps · examples][units]. */
  readonly changes: GPUBufferBinding;
  /** Shape [steps · examples][units]. */
  readonly rates: GPUBufferBinding;
  /** Parameters that say where a step is kept. */
  readonly slots: readonly GPUBuffer[];
}

export async function openHistory(
  workspace: Workspace,
  { layer, bytes, rows, vectors }: UnitLayer,
  steps: number,
): Promise<History> {
  const size = steps * bytes;
  const half = Math.ceil(size / BINDING_ALIGNMENT) * BINDING_ALIGNMENT;
  const buffer = await workspace.buffer(`layer ${layer}, history`, USAGE.storage, 2 * half);
  const slots = await Promise.all(
    Array.from({ length: steps }, (_, step) => {
      const changes = step * rows * vectors;
      return workspace.buffer('slot', USAGE.uniform, slotParams.pack({ changes, rates: half / 16 + changes }));
    }),
  );
  return { steps, buffer, changes: { buffer, offset: 0, size }, rates: { buffer, offset: half, size }, slots };
}
