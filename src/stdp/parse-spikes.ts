import { refusal } from '../spec/refusal.ts';
import type { RecordedSpikes } from './spec.ts';
import type { UncheckedSpec } from './spec-schema.ts';

/** Most steps over all trials of a recording, whose bits are kept in memory, and most trials. */
export const LARGEST_RECORDING = 2 ** 31;
export const MOST_RECORDED_TRIALS = 2 ** 22;

const SIZES = ['sequences', 'trials', 'steps'] as const;

/** Refuses a spec with recorded spikes that leaves a size to the defaults. @param input as it was given */
export function requireSizes(input: unknown, prefix = ''): void {
  const given = Object(input) as Record<string, unknown>;
  if (!Object.hasOwn(given, 'spikes') || given.spikes === undefined) return;
  const missing = SIZES.find((name) => !Object.hasOwn(given, name));
  if (missing === undefined) return;
  throw refusal(`${prefix}${missing}`, undefined, `an integer ≥ 1: beside spikes, ${SIZES.join(', ')} are all given`);
}

/**
 * Checks recorded spikes against the sizes of their spec.
 *
 * @throws EngineError `invalid-spec`
 */
export function checkSpikes(spec: UncheckedSpec): void {
  const { spikes, pre, post } = spec;
  if (spikes === undefined) return;
  if (typeof spikes === 'string') {
    throw refusal('spikes', spikes, 'pre and post: a file is only read for a spec that is itself read from a file');
  }
  const oneTable = (pre.drive.type === 'table') !== (post.drive.type === 'table');
  if (oneTable) {
    const name = pre.drive.type === 'table' ? 'post' : 'pre';
    throw refusal(
      `${name}.drive.type`,
      spec[name].drive.type,
      '"table", as the other drive is: beside recorded spikes the rate rule needs both',
    );
  }
  checkRecordingSize(spec);
  for (const name of ['pre', 'post'] as const) checkTrains(`spikes.${name}`, spikes[name], spec);
}

/** Refuses a recording that is too large to keep. */
export function checkRecordingSize(
  { sequences, trials, steps }: Pick<UncheckedSpec, 'sequences' | 'trials' | 'steps'>,
  prefix = '',
): void {
  const most = Math.floor(Math.min(MOST_RECORDED_TRIALS, LARGEST_RECORDING / steps) / sequences);
  if (trials <= most) return;
  const reason = 'beside spikes, sequences · trials is at most 2^22 and sequences · trials · steps at most 2^31';
  throw refusal(`${prefix}trials`, trials, `an integer from 1 to ${most}: ${reason}`);
}

function checkTrains(
  path: string,
  trains: RecordedSpikes['pre'],
  { sequences, trials, steps }: Pick<UncheckedSpec, 'sequences' | 'trials' | 'steps'>,
): void {
  if (trains.length !== sequences) throw refusal(path, trains, `${sequences} arrays (sequences)`);
  trains.forEach((sequence, n) => {
    if (sequence.length !== trials) throw refusal(`${path}[${n}]`, sequence, `${trials} arrays of steps (trials)`);
    sequence.forEach((times, trial) => {
      let last = -1;
      times.forEach((t, index) => {
        const where = `${path}[${n}][${trial}][${index}]`;
        if (t >= steps) throw refusal(where, t, `a step from 0 to ${steps - 1}`);
        if (t <= last) throw refusal(where, t, `a step after the one before it, ${last}: steps ascend`);
        last = t;
      });
    });
  });
}
