import type { ExperimentSpec, RecordedSpikes } from './spec.ts';

/*
 * Recorded spike trains as bits: word w of a train holds steps 32 w … 32 w + 31. The words of a trial are in the order that
 * kernels ask for them, a presynaptic one and a postsynaptic one in turn.
 */

/** Whether there are activities, without which the rate and spike rules have no values: recorded spikes have none. */
export function hasActivities({ spikes, pre, post }: Pick<ExperimentSpec, 'spikes' | 'pre' | 'post'>): boolean {
  return spikes === undefined || (pre.drive.type === 'table' && post.drive.type === 'table');
}

/** What was packed of a recording; the points of a sweep share it. */
const packed = new WeakMap<RecordedSpikes, { readonly steps: number; readonly words: Uint32Array }>();

/** The bits of a recording, shape [sequences][trials][words][2]. */
export function packSpikes(spikes: RecordedSpikes, steps: number): Uint32Array {
  const known = packed.get(spikes);
  if (known?.steps === steps) return known.words;
  const wordsOfTrain = Math.ceil(steps / 32);
  const trials = spikes.pre[0]?.length ?? 0;
  const words = new Uint32Array(spikes.pre.length * trials * wordsOfTrain * 2);
  const pack = (neuron: RecordedSpikes['pre'], side: 0 | 1) => {
    neuron.forEach((sequence, n) => {
      sequence.forEach((times, trial) => {
        const first = (n * trials + trial) * wordsOfTrain;
        for (const t of times) words[(first + (t >>> 5)) * 2 + side]! |= 1 << (t & 31);
      });
    });
  };
  pack(spikes.pre, 0);
  pack(spikes.post, 1);
  packed.set(spikes, { steps, words });
  return words;
}

/** Words of some trials of a sequence, shape [count][words][2]: a view. */
export function recordedTrials(
  recording: Uint32Array,
  { words, spec: { trials } }: { readonly words: number; readonly spec: Pick<ExperimentSpec, 'trials'> },
  sequence: number,
  first: number,
  count: number,
): Uint32Array {
  const start = (sequence * trials + first) * words * 2;
  return recording.subarray(start, start + count * words * 2);
}

/** The two trains of one trial. @param trial its words, shape [words][2] */
export function trainsOf(trial: Uint32Array): { readonly pre: Uint32Array; readonly post: Uint32Array } {
  return {
    pre: trial.filter((_, index) => index % 2 === 0),
    post: trial.filter((_, index) => index % 2 === 1),
  };
}
