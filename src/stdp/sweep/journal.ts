import type { Tallies } from '../tallies.ts';
import type { PointOutcome } from './outcome.ts';

/** One thing that a sweep must not lose. */
export type JournalEntry =
  | { readonly kind: 'finished'; readonly point: number; readonly outcome: PointOutcome }
  /** The tallies of the first trials of a point that needs more shards; a later one replaces it. */
  | { readonly kind: 'partial'; readonly point: number; readonly tallies: Tallies };

/** What a journal belongs to; one of another sweep or version is refused. */
export interface JournalIdentity {
  /** The sweep as canonical JSON text. */
  readonly sweep: string;
  /** Version of this package: another one may give other numbers. */
  readonly version: string;
}

/** Keeps what a sweep has finished, so that it goes on where it was stopped. */
export interface Journal {
  /** Points with an outcome. */
  readonly finished: ReadonlySet<number>;
  /** Points without an outcome that have tallies of some trials. */
  readonly partial: ReadonlySet<number>;
  /** @param point one of `finished` */
  readOutcome(point: number): Promise<PointOutcome>;
  /** @param point one of `partial` */
  readPartial(point: number): Promise<Tallies>;
  /** Records entries; when it resolves they survive the end of the process (or of the tab). */
  append(entries: readonly JournalEntry[]): Promise<void>;
  close(): Promise<void>;
}
