import type { GpuContext } from '../gpu/context.ts';
import type { Engine } from './engine.ts';
import { GpuTile } from './gpu-tile.ts';
import type { ExperimentPlan } from './plan.ts';
import { type StdpShaders, stdpShaders } from './shaders.ts';

/** A tile takes at most this much device memory, whatever the device offers. */
const TILE_BYTES = 2 ** 28;

/**
 * The experiment on a GPU. The device stays the caller's: destroy the context when done.
 *
 * @param shaders the kernels; tests give broken ones to see that the checks notice.
 */
export function gpuEngine(context: GpuContext, shaders: StdpShaders = stdpShaders): Engine {
  return {
    largestRegion: (plan) => largestRegion(plan, context.device.limits),
    openTile: (plan, region) => GpuTile.open(context, plan, region, shaders),
  };
}

/** Largest regions whose every buffer fits the limits of a device. */
export function largestRegion(
  plan: ExperimentPlan,
  limits: Pick<
    GPUSupportedLimits,
    'maxStorageBufferBindingSize' | 'maxBufferSize' | 'maxComputeWorkgroupsPerDimension'
  >,
): { sequences: number; steps: number } {
  const bytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, TILE_BYTES);
  const bytesPerStep = plan.bins * 4;
  const steps = Math.min(plan.pairedSteps, Math.floor(bytes / bytesPerStep));
  const largestBufferOfSequence = Math.max(steps * bytesPerStep, plan.words * 2 * 128, (plan.spec.steps + 1) * 8);
  const sequences = Math.floor(bytes / largestBufferOfSequence);
  return { sequences: Math.max(1, Math.min(sequences, limits.maxComputeWorkgroupsPerDimension)), steps };
}
