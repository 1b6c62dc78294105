import type { LoopPlan } from './loop-plan.ts';

/**
 * 32-bit words of the sums of one record, least significant first: where each begins and how many it has. WGSL: struct
 * `RecordSums` of `shaders/stdp/closed-loop-sums.wgsl`.
 */
export const SUM_FIELDS = {
  /** Σ over trials of Σ over the record's steps of ṡ², with learning. */
  learned: { at: 0, words: 4, signed: false },
  /** The same without. */
  plain: { at: 4, words: 4, signed: false },
  /** Σ over trials of (learned − plain)². */
  squaredDifference: { at: 8, words: 4, signed: false },
  /** Σ W² over trials, W at the record's first step. */
  squaredWeight: { at: 12, words: 4, signed: false },
  /** Σ W. */
  weight: { at: 16, words: 2, signed: true },
} as const;

/** Words of a record's sums, those that only fill up included. */
export const SUM_WORDS = 20;

export type SumField = keyof typeof SUM_FIELDS;

/**
 * What is kept of the trials of a closed loop. Record `records` (one beyond the last) is the whole trial: its squares over
 * all steps, its weight after the last.
 */
export interface LoopSums {
  /** Trials summed. */
  readonly trials: number;
  /** Shape [records + 1][`SUM_WORDS`]; see `SUM_FIELDS`. */
  readonly words: Uint32Array;
  /** Trials by weight, shape [records + 1][bins + 2]: below the first bin, in each, above the last. */
  readonly histogram: Uint32Array;
}

/** One sum of one record. Squares are in units of 2^−Q (their squares of 2^−2Q), weights of 2^−F. */
export function sumOf({ words }: LoopSums, record: number, field: SumField): bigint {
  const { at, words: count, signed } = SUM_FIELDS[field];
  let value = 0n;
  for (let word = count - 1; word >= 0; word--) value = (value << 32n) | BigInt(words[record * SUM_WORDS + at + word]!);
  return signed ? BigInt.asIntN(32 * count, value) : value;
}

/** Adds to a sum. */
export function addToSum({ words }: LoopSums, record: number, field: SumField, value: bigint): void {
  const { at, words: count } = SUM_FIELDS[field];
  let carry = value;
  for (let word = 0; word < count && carry !== 0n; word++) {
    const index = record * SUM_WORDS + at + word;
    carry += BigInt(words[index]!);
    words[index] = Number(carry & 0xffffffffn);
    carry >>= 32n;
  }
}

/** Sums of no trials. */
export function emptyLoopSums({ records, spec }: LoopPlan): LoopSums {
  return {
    trials: 0,
    words: new Uint32Array((records + 1) * SUM_WORDS),
    histogram: new Uint32Array((records + 1) * (spec.record.bins + 2)),
  };
}
