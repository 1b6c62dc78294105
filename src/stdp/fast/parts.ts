import type { ExperimentPlan } from '../plan.ts';
import type { Region } from '../tallies.ts';
import { bytesPerSequence, bytesPerStep } from './layout.ts';

/** One thread's part of a region. */
export interface PartPlan {
  readonly region: Region;
  /** This part runs share `index` of `of` of the trials. */
  readonly index: number;
  readonly of: number;
}

/** Memory of a tile, all threads together, but for the activities of a single sequence. */
const TILE_BYTES = 2 ** 28;
/** A thread's part of it for a long sequence, however many threads there are: each slice of its steps costs all trials. */
const LEAST_THREAD_BYTES = 2 ** 25;
/** With fewer sequences for each thread the last one would keep the others waiting. */
const SEQUENCES_PER_THREAD = 8;
/** Trials that are run side by side. */
const LANES = 4;

/** Largest regions that one tile can hold on so many threads. */
export function largestRegion(plan: ExperimentPlan, threads: number): { sequences: number; steps: number } {
  const { spec, pairedSteps } = plan;
  const together = Math.floor(TILE_BYTES / bytesPerSequence(plan, pairedSteps));
  const sharesTrials = Math.min(together, spec.sequences) < SEQUENCES_PER_THREAD * threads;
  const sequences = sharesTrials ? Math.floor(together / threads) : together;
  const threadBytes = Math.max(TILE_BYTES / threads, LEAST_THREAD_BYTES);
  const histogramSteps = Math.floor(threadBytes / bytesPerStep(plan));
  return { sequences: Math.max(1, sequences), steps: Math.max(1, Math.min(pairedSteps, histogramSteps)) };
}

/** Divides a region among threads: by sequences where there are enough of them, otherwise by trials. */
export function divideRegion(region: Region, threads: number): PartPlan[] {
  const { sequences, firstSequence } = region;
  if (sequences < SEQUENCES_PER_THREAD * threads) {
    return Array.from({ length: threads }, (_, index) => ({ region, index, of: threads }));
  }
  return Array.from({ length: threads }, (_, index) => {
    const from = Math.floor((index * sequences) / threads);
    const to = Math.floor(((index + 1) * sequences) / threads);
    return { region: { ...region, firstSequence: firstSequence + from, sequences: to - from }, index: 0, of: 1 };
  });
}

/** Trials of a part among `count` trials from `first` on. */
export function shareOfTrials({ index, of }: PartPlan, first: number, count: number) {
  const border = (share: number) => (share === of ? count : Math.round((share * count) / of / LANES) * LANES);
  const from = Math.min(border(index), count);
  return { first: first + from, count: Math.min(border(index + 1), count) - from };
}
