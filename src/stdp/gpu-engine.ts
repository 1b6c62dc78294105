import type { GpuContext } from '../gpu/context.ts';
import type { BatchEngine, BatchOptions, Shard, Tile } from './engine.ts';
import { GpuBatch } from './gpu-batch.ts';
import { bytesOfStep } from './gpu-counts.ts';
import type { ExperimentPlan } from './plan.ts';
import { PLANES } from './probability.ts';
import { type StdpShaders, stdpShaders } from './shaders.ts';
import { type Tallies, wholeRegion } from './tallies.ts';

/** A buffer of a tile is at most so large, whatever the device offers. */
const TILE_BYTES = 2 ** 28;

/** On a CPU, sequences of a tile are so few that what it touches stays in the cache; steps are not cut for that. */
const CACHED_TILE_BYTES = 2 ** 24;

/**
 * The experiment on a GPU. The device stays the caller's: destroy the context when done.
 *
 * @param shaders the kernels; tests give broken ones to see that the checks notice.
 */
export function gpuEngine(context: GpuContext, shaders: StdpShaders = shadersFor(context)): BatchEngine {
  return {
    largestRegion: (plan) => largestRegion(plan, context),
    async openTile(plan, region): Promise<Tile> {
      const batch = await GpuBatch.open(context, [{ plan, region }], shaders);
      return {
        region,
        runTrials: (first, count) => batch.runTrials(first, count),
        readTallies: async () => (await batch.readTallies())[0]!,
        readRates: () => batch.readRates(0),
        readSpikes: (sequence, trial) => batch.readSpikes(0, sequence, trial),
        destroy: () => batch.destroy(),
      };
    },
    shareBatch: (a, b) => a.firstTrial === b.firstTrial && batchShape(a) === batchShape(b),
    runBatch: (shards, options) => runBatch(context, shards, shaders, options),
  };
}

function shadersFor({ adapter }: GpuContext): StdpShaders {
  return { ...stdpShaders, slowShifts: adapter.software, planesInTexture: adapter.software, forCpu: adapter.software };
}

/** What shards of one batch have in common: kernels and buffer shapes. */
function batchShape({ plan: { spec, pre, post, rule, triplet, recording } }: Shard): string {
  return JSON.stringify([
    spec.steps,
    spec.pairing,
    rule?.wgsl,
    triplet?.traceBits,
    recording !== undefined,
    ...[pre, post].flatMap(({ drive, rho }) => [drive.type, rho.type]),
  ]);
}

async function runBatch(
  context: GpuContext,
  shards: readonly Shard[],
  shaders: StdpShaders,
  { pace, signal }: BatchOptions,
): Promise<readonly Tallies[] | undefined> {
  const parts = shards.map(({ plan, endTrial }) => ({
    plan,
    region: wholeRegion(plan, 0, plan.spec.sequences),
    endTrial,
  }));
  const batch = await GpuBatch.open(context, parts, shaders);
  try {
    const stepsPerTrial = parts.reduce((sum, { plan }) => sum + plan.spec.sequences * plan.spec.steps, 0);
    const end = parts.reduce((most, { endTrial }) => Math.max(most, endTrial), 0);
    for (let first = shards[0]!.firstTrial; first < end; ) {
      if (signal?.aborted) return undefined;
      const count = pace.chunk(stepsPerTrial, end - first);
      const started = performance.now();
      await batch.runTrials(first, count);
      pace.measured(count * stepsPerTrial, performance.now() - started);
      first += count;
    }
    return await batch.readTallies();
  } finally {
    batch.destroy();
  }
}

/** Largest regions whose every buffer fits the limits of a device. */
export function largestRegion(
  plan: ExperimentPlan,
  { adapter, device: { limits } }: Pick<GpuContext, 'adapter' | 'device'>,
): { sequences: number; steps: number } {
  const bytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, TILE_BYTES);
  const { pairing, trials } = plan.spec;
  // Triplets have 64-bit sums beside the counts.
  const bytesPerStep = Math.max(bytesOfStep(pairing.window, trials), plan.triplet ? plan.bins * 8 : 0);
  const steps = Math.min(plan.pairedSteps, Math.floor(bytes / bytesPerStep));
  const largestBufferOfSequence = Math.max(
    steps * bytesPerStep,
    plan.bins * 8,
    plan.words * 2 * PLANES * 4,
    (plan.spec.steps + 1) * 4,
  );
  const bytesOfSequences = adapter.software ? Math.min(bytes, CACHED_TILE_BYTES) : bytes;
  const sequences = Math.floor(bytesOfSequences / largestBufferOfSequence);
  return { sequences: Math.max(1, Math.min(sequences, limits.maxComputeWorkgroupsPerDimension)), steps };
}
