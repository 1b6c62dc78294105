import { USAGE, type Workspace } from '../../gpu/workspace.ts';
import { paddedColumns } from '../../matrix/layout.ts';
import type { Examples } from '../training/trainer.ts';

/** Examples in device memory. */
export interface DeviceExamples {
  readonly count: number;
  /** A byte a pixel, each image filled up to whole words. */
  readonly pixels: GPUBuffer;
  /** A word a label. */
  readonly labels: GPUBuffer;
}

/** @throws EngineError `out-of-memory`, `device-lost` */
export async function uploadExamples(
  workspace: Workspace,
  { count, pixels, images, labels }: Examples,
): Promise<DeviceExamples> {
  const stride = paddedColumns(pixels);
  let bytes = images;
  if (stride !== pixels) {
    bytes = new Uint8Array(count * stride);
    for (let n = 0; n < count; n++) bytes.set(images.subarray(n * pixels, (n + 1) * pixels), n * stride);
  }
  return {
    count,
    pixels: await workspace.buffer('pixels', USAGE.table, bytes),
    labels: await workspace.buffer('labels', USAGE.table, Uint32Array.from(labels)),
  };
}
