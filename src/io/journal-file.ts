import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EngineError } from '../errors.ts';
import type { Journal, JournalEntry, JournalIdentity } from '../stdp/sweep/journal.ts';
import { refusedJournal } from '../stdp/sweep/journal-identity.ts';
import type { PointOutcome } from '../stdp/sweep/outcome.ts';
import type { Tallies } from '../stdp/tallies.ts';
import { type FileLock, lockFile } from './file-lock.ts';
import { removeLeftCopy, replaceByStretches, syncFolder } from './journal-compaction.ts';
import {
  byteLength,
  checksumOf,
  damagedJournal,
  frameHeaderBytes,
  frameParts,
  joinParts,
  parseFrameHeader,
  readFully,
  refusalRemedy,
  scanFrames,
  writeFully,
} from './journal-frames.ts';
import { JournalPlaces, type Place } from './journal-places.ts';
import { checkJournalStart, isCutOffStart, journalStart } from './journal-start.ts';
import { unpackMessage } from './message.ts';

export interface FileJournalOptions {
  /**
   * Called when the file ends in an entry that was cut off (the process that wrote it was killed), with the number of
   * bytes that are dropped.
   */
  readonly onRecovered?: (bytes: number) => void;
  /**
   * The file is rewritten without its outdated entries when they take this many bytes and more than those that count.
   * Default 16 MiB. So the file stays below twice what counts and this, and all rewriting together is no more than
   * what was appended.
   */
  readonly compactFrom?: number;
}

const defaultCompactFrom = 2 ** 24;

/**
 * Opens the journal of a sweep in a file, or starts a new one. What was recorded is there again after the process was
 * killed at any moment, or the power failed. While it is open, a file `path + '.lock'` keeps other processes out; the
 * lock of a process that is gone is taken over.
 *
 * Everything in the file is checked at opening, in pieces, and only places are kept in memory. Entries that later ones
 * have outdated are removed from time to time ({@link FileJournalOptions.compactFrom}), at opening and while it is open.
 *
 * @throws EngineError `file` if the file is something else, damaged, in use, or the journal of another sweep, version of
 *   this package or format; it is not changed then.
 */
export async function openFileJournal(
  path: string,
  identity: JournalIdentity,
  options: FileJournalOptions = {},
): Promise<Journal> {
  const lock = await lockFile(path);
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
    const journal = new FileJournal(path, file, lock, identity, options.compactFrom ?? defaultCompactFrom);
    await journal.start(identity, options);
    return journal;
  } catch (error) {
    await file?.close();
    await lock.release();
    throw fileError(path, 'cannot be opened', error);
  }
}

/** What is known of an entry among bytes that hold several. */
interface EncodedEntry {
  readonly kind: JournalEntry['kind'];
  readonly point: number;
  readonly length: number;
}

class FileJournal implements Journal {
  readonly #path: string;
  #file: FileHandle;
  readonly #lock: FileLock;
  /** What the file starts with. */
  readonly #start: Uint8Array;
  #compactFrom: number;
  readonly #places = new JournalPlaces();
  /** End of the last complete frame. */
  #end = 0;
  /** What was read last: entries are mostly read in their order. */
  #read = { offset: 0, bytes: new Uint8Array() };
  /** What uses the file, one after the other; never rejects. */
  #queue: Promise<unknown> = Promise.resolve();
  /** Whether a failed write left something at the end that could not be removed; the next opening does. */
  #stopped = false;
  #closed: Promise<void> | undefined;

  constructor(path: string, file: FileHandle, lock: FileLock, identity: JournalIdentity, compactFrom: number) {
    this.#path = path;
    this.#file = file;
    this.#lock = lock;
    this.#start = journalStart(identity);
    this.#compactFrom = compactFrom;
  }

  get finished(): ReadonlySet<number> {
    return this.#places.points.finished;
  }

  get partial(): ReadonlySet<number> {
    return this.#places.points.partial;
  }

  async readOutcome(point: number): Promise<PointOutcome> {
    return (await this.#enqueue(() => this.#readEntry('finished', point))) as PointOutcome;
  }

  async readPartial(point: number): Promise<Tallies> {
    return (await this.#enqueue(() => this.#readEntry('partial', point))) as Tallies;
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    if (this.#closed) throw this.#refusal('is closed');
    if (entries.length === 0) return;
    // Copied at once, so that what the caller does to its arrays afterwards changes nothing.
    const frames = entries.map((entry) =>
      frameParts(entry.kind, entry.point, entry.kind === 'finished' ? entry.outcome : entry.tallies),
    );
    const bytes = joinParts(frames.flat());
    const encoded = entries.map(({ kind, point }, index) => ({ kind, point, length: byteLength(frames[index]!) }));
    return this.#enqueue(() => this.#write(bytes, encoded));
  }

  async close(): Promise<void> {
    this.#closed ??= this.#queue.then(() => this.#file.close()).finally(() => this.#lock.release());
    return this.#closed;
  }

  /** Lets work have the file for itself, in the order of the calls. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Reads what is there, cuts off what a kill left, and writes the start of a new journal. */
  async start(identity: JournalIdentity, { onRecovered }: FileJournalOptions): Promise<void> {
    const stats = await this.#file.stat();
    if (!stats.isFile()) throw refusedJournal(this.#path, 'is no file', refusalRemedy);
    let keep = 0;
    if (!(await isCutOffStart(this.#file, stats.size, this.#start))) {
      const from = await checkJournalStart(this.#file, this.#path, stats.size, identity);
      keep = await scanFrames(this.#file, this.#path, from, stats.size, (kind, point, place) => {
        if (kind === 'identity') throw damagedJournal(this.#path, place.offset, 'the identity stands here once more');
        this.#places.note(kind, point, place);
      });
    }
    if (keep < stats.size) {
      await this.#file.truncate(keep);
      onRecovered?.(stats.size - keep);
    }
    this.#end = keep;
    await removeLeftCopy(this.#path);
    if (keep > 0) return this.#compact();
    await writeFully(this.#file, this.#start, 0);
    await this.#file.sync();
    await syncFolder(dirname(this.#path));
    this.#end = this.#start.length;
  }

  async #write(bytes: Uint8Array, encoded: readonly EncodedEntry[]): Promise<void> {
    if (this.#stopped) throw this.#refusal('takes nothing any more after a failed write');
    try {
      await writeFully(this.#file, bytes, this.#end);
      // A killed process loses nothing that was written, but a machine without power does.
      await this.#file.datasync();
    } catch (error) {
      await this.#file.truncate(this.#end).catch(() => {
        this.#stopped = true;
      });
      throw fileError(this.#path, 'cannot be written; what was recorded before is intact', error);
    }
    for (const { kind, point, length } of encoded) {
      this.#places.note(kind, point, { offset: this.#end, length });
      this.#end += length;
    }
    await this.#compact();
  }

  /** Rewrites the file where enough of it is outdated. */
  async #compact(): Promise<void> {
    const { bytes } = this.#places;
    const outdated = this.#end - this.#start.length - bytes;
    if (outdated < this.#compactFrom || outdated <= bytes) return;
    let compacted: FileHandle;
    try {
      compacted = await replaceByStretches(this.#path, this.#file, this.#start, this.#places.stretches());
    } catch {
      // A full disk, perhaps. The file is as good as it was, only longer: no reason to stop, nor to try at once again.
      this.#compactFrom = 2 * outdated;
      return;
    }
    const before = this.#file;
    this.#file = compacted;
    this.#read = { offset: 0, bytes: new Uint8Array() };
    this.#places.moveTogether(this.#start.length);
    this.#end = this.#start.length + bytes;
    await before.close();
  }

  async #readEntry(kind: 'finished' | 'partial', point: number): Promise<unknown> {
    this.#places.points.require(kind, point);
    const place = this.#places.of(point);
    try {
      const frame = await this.#readFrame(place);
      const header = parseFrameHeader(frame);
      if ('fault' in header) throw damagedJournal(this.#path, place.offset, header.fault);
      // A copy: what is given out is the caller's.
      const payload = frame.slice(frameHeaderBytes);
      if (checksumOf([payload]) !== header.checksum) {
        throw damagedJournal(this.#path, place.offset, 'an entry has a wrong checksum');
      }
      return unpackMessage(payload);
    } catch (error) {
      throw fileError(this.#path, 'cannot be read', error);
    }
  }

  /** Reads a frame, and with a short one those that follow. */
  async #readFrame({ offset, length }: Place): Promise<Uint8Array<ArrayBuffer>> {
    let at = offset - this.#read.offset;
    if (at < 0 || at + length > this.#read.bytes.length) {
      const bytes = new Uint8Array(Math.max(length, Math.min(readAheadBytes, this.#end - offset)));
      await readFully(this.#file, bytes, offset);
      if (length > readAheadBytes) return bytes;
      this.#read = { offset, bytes };
      at = 0;
    }
    return this.#read.bytes.subarray(at, at + length);
  }

  #refusal(what: string): EngineError {
    return new EngineError('file', `${this.#path} ${what}`, { path: this.#path });
  }
}

/** Bytes that are read at once where entries are short. */
const readAheadBytes = 1 << 18;

function fileError(path: string, what: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new EngineError('file', `${path} ${what} (${code ?? message})`, { path, cause: error });
}
