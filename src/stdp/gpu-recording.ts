import { USAGE, type Workspace } from '../gpu/workspace.ts';
import type { BatchPart } from './gpu-batch.ts';
import { recordedTrials } from './recorded.ts';

/** Bytes of recorded spikes that the device is given at a time. */
const RECORDING_BYTES = 2 ** 24;
/** The kernels read vectors of four words. */
const ALIGNMENT = 16;

/** Room for the words of some trials of each row. */
export interface RecordingBuffer {
  /** Shape [rows][trials of a dispatch][words][2]. */
  readonly buffer: GPUBuffer;
  /** Most trials of a dispatch. */
  readonly trials: number;
  /** Gives the device the words of trials `first` … `first + count − 1`, where parts have them. */
  write(first: number, count: number): void;
}

/** Loaded where spikes were recorded: the default experiment does without. */
export async function recordingBuffer(
  workspace: Workspace,
  parts: readonly BatchPart[],
  rows: number,
): Promise<RecordingBuffer> {
  const bytesOfTrial = rows * parts[0]!.plan.words * 8;
  const wanted = parts.reduce((most, { plan }) => Math.max(most, plan.spec.trials), 1);
  const trials = Math.max(1, Math.min(wanted, Math.floor(RECORDING_BYTES / bytesOfTrial)));
  const bytes = Math.ceil((trials * bytesOfTrial) / ALIGNMENT) * ALIGNMENT;
  const buffer = await workspace.buffer('recorded spikes', USAGE.table, bytes);
  return {
    buffer,
    trials,
    write: (first, count) => workspace.context.writeBuffer(buffer, wordsOf(parts, first, count)),
  };
}

/** Words of trials `first` … `first + count − 1`, shape [rows][count][words][2]; 0 where a part has fewer trials. */
function wordsOf(parts: readonly BatchPart[], first: number, count: number): Uint32Array<ArrayBuffer> {
  const wordsOfRow = count * parts[0]!.plan.words * 2;
  const rows = parts.reduce((sum, { region }) => sum + region.sequences, 0);
  const data = new Uint32Array(rows * wordsOfRow);
  let row = 0;
  for (const { plan, region } of parts) {
    const here = Math.max(0, Math.min(count, plan.spec.trials - first));
    for (let n = 0; n < region.sequences; n++) {
      const words = recordedTrials(plan.recording!, plan, region.firstSequence + n, first, here);
      data.set(words, row * wordsOfRow);
      row++;
    }
  }
  return data;
}
