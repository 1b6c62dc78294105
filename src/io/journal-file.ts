import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EngineError } from '../errors.ts';
import type { Journal, JournalEntry, JournalIdentity } from '../stdp/sweep/journal.ts';
import { refusedJournal } from '../stdp/sweep/journal-identity.ts';
import { JournalPoints } from '../stdp/sweep/journal-points.ts';
import type { PointOutcome } from '../stdp/sweep/outcome.ts';
import type { Tallies } from '../stdp/tallies.ts';
import { type FileLock, lockFile } from './file-lock.ts';
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
import { checkJournalStart, isCutOffStart, journalStart } from './journal-start.ts';
import { unpackMessage } from './message.ts';

export interface FileJournalOptions {
  /**
   * Called when the file ends in an entry that was cut off (the process that wrote it was killed), with the number of
   * bytes that are dropped.
   */
  readonly onRecovered?: (bytes: number) => void;
}

/**
 * Opens the journal of a sweep in a file, or starts a new one. What was recorded is there again after the process was
 * killed at any moment, or the power failed. While it is open, a file `path + '.lock'` keeps other processes out; the
 * lock of a process that is gone is taken over.
 *
 * Everything in the file is checked at opening, in pieces, and only places are kept in memory.
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
    const journal = new FileJournal(path, file, lock);
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
  readonly #file: FileHandle;
  readonly #lock: FileLock;
  readonly #points = new JournalPoints();
  /** Where the frame that counts for a point starts. */
  readonly #offsets = new Map<number, number>();
  /** End of the last complete frame. */
  #end = 0;
  /** The appends so far, one after the other; never rejects. */
  #appends: Promise<unknown> = Promise.resolve();
  /** Whether a failed write left something at the end that could not be removed; the next opening does. */
  #stopped = false;
  #closed: Promise<void> | undefined;

  constructor(path: string, file: FileHandle, lock: FileLock) {
    this.#path = path;
    this.#file = file;
    this.#lock = lock;
  }

  get finished(): ReadonlySet<number> {
    return this.#points.finished;
  }

  get partial(): ReadonlySet<number> {
    return this.#points.partial;
  }

  async readOutcome(point: number): Promise<PointOutcome> {
    return (await this.#read('finished', point)) as PointOutcome;
  }

  async readPartial(point: number): Promise<Tallies> {
    return (await this.#read('partial', point)) as Tallies;
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
    const appended = this.#appends.then(() => this.#write(bytes, encoded));
    this.#appends = appended.catch(() => undefined);
    return appended;
  }

  async close(): Promise<void> {
    this.#closed ??= this.#appends.then(() => this.#file.close()).finally(() => this.#lock.release());
    return this.#closed;
  }

  /** Reads what is there, cuts off what a kill left, and writes the start of a new journal. */
  async start(identity: JournalIdentity, { onRecovered }: FileJournalOptions): Promise<void> {
    const stats = await this.#file.stat();
    if (!stats.isFile()) throw refusedJournal(this.#path, 'is no file', refusalRemedy);
    const start = journalStart(identity);
    let keep = 0;
    if (!(await isCutOffStart(this.#file, stats.size, start))) {
      const from = await checkJournalStart(this.#file, this.#path, stats.size, identity);
      keep = await scanFrames(this.#file, this.#path, from, stats.size, (kind, point, offset) => {
        if (kind === 'identity') throw damagedJournal(this.#path, offset, 'the identity stands here once more');
        if (this.#points.note(kind, point)) this.#offsets.set(point, offset);
      });
    }
    if (keep < stats.size) {
      await this.#file.truncate(keep);
      onRecovered?.(stats.size - keep);
    }
    this.#end = keep;
    if (keep > 0) return;
    await writeFully(this.#file, start, 0);
    await this.#file.sync();
    await syncFolder(dirname(this.#path));
    this.#end = start.length;
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
      if (this.#points.note(kind, point)) this.#offsets.set(point, this.#end);
      this.#end += length;
    }
  }

  async #read(kind: 'finished' | 'partial', point: number): Promise<unknown> {
    this.#points.require(kind, point);
    const offset = this.#offsets.get(point)!;
    try {
      // Most entries are short and come whole with the first read.
      const first = new Uint8Array(Math.min(firstReadBytes, this.#end - offset));
      await readFully(this.#file, first, offset);
      const header = parseFrameHeader(first);
      if ('fault' in header) throw damagedJournal(this.#path, offset, header.fault);
      const payload = new Uint8Array(header.length);
      const had = first.subarray(frameHeaderBytes, frameHeaderBytes + header.length);
      payload.set(had);
      await readFully(this.#file, payload.subarray(had.length), offset + frameHeaderBytes + had.length);
      if (checksumOf([payload]) !== header.checksum) {
        throw damagedJournal(this.#path, offset, 'an entry has a wrong checksum');
      }
      return unpackMessage(payload);
    } catch (error) {
      throw fileError(this.#path, 'cannot be read', error);
    }
  }

  #refusal(what: string): EngineError {
    return new EngineError('file', `${this.#path} ${what}`, { path: this.#path });
  }
}

/** Bytes that are read of an entry before its length is known; an outcome without a curve is less. */
const firstReadBytes = 4096;

/** Makes the name of a new file outlast a power failure too; not every system can. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path);
    await folder.sync().finally(() => folder.close());
  } catch {
    // The file itself is safe.
  }
}

function fileError(path: string, what: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new EngineError('file', `${path} ${what} (${code ?? message})`, { path, cause: error });
}
