import type { FileHandle } from 'node:fs/promises';
import type { JournalIdentity } from '../stdp/sweep/journal.ts';
import { refusedJournal, requireSameIdentity } from '../stdp/sweep/journal-identity.ts';
import {
  checksumOf,
  damagedJournal,
  frameHeaderBytes,
  frameParts,
  joinParts,
  parseFrameHeader,
  readFully,
  refusalRemedy,
} from './journal-frames.ts';
import { unpackMessage } from './message.ts';

/** Version of the format of journal files. */
const journalFormat = 1;

/** How every journal file starts, whatever its format. */
const titleStart = 'stdp-webgpu sweep journal, format ';
const title = `${titleStart}${journalFormat}\n`;

/** Longest format number that is told from something else. */
const formatDigits = 9;

/** What the journal file of a sweep starts with: a line of text and the frame of the identity. */
export function journalStart(identity: JournalIdentity): Uint8Array<ArrayBuffer> {
  return joinParts([new TextEncoder().encode(title), ...frameParts('identity', 0, identity)]);
}

/** Whether a file is empty, or was cut off while this start was written. */
export async function isCutOffStart(file: FileHandle, size: number, start: Uint8Array): Promise<boolean> {
  if (size >= start.length) return false;
  const found = Buffer.alloc(size);
  await readFully(file, found, 0);
  return found.equals(start.subarray(0, size));
}

/**
 * Checks that a file starts as a journal of this identity.
 *
 * @returns where its entries start.
 * @throws EngineError `file` if it is anything else.
 */
export async function checkJournalStart(
  file: FileHandle,
  path: string,
  size: number,
  identity: JournalIdentity,
): Promise<number> {
  await checkTitle(file, path);
  const at = title.length;
  const rest = size - at - frameHeaderBytes;
  const cutOff = 'is the cut-off start of the journal of another sweep and holds no entries';
  if (rest < 0) throw refusedJournal(path, cutOff, refusalRemedy);
  const head = new Uint8Array(frameHeaderBytes);
  await readFully(file, head, at);
  const header = parseFrameHeader(head);
  if ('fault' in header) throw damagedJournal(path, at, header.fault, false);
  if (header.kind !== 'identity') throw damagedJournal(path, at, 'the identity is missing', false);
  if (header.length > rest) throw refusedJournal(path, cutOff, refusalRemedy);
  const payload = new Uint8Array(header.length);
  await readFully(file, payload, at + frameHeaderBytes);
  if (checksumOf([payload]) !== header.checksum) {
    throw damagedJournal(path, at, 'the identity has a wrong checksum', false);
  }
  requireSameIdentity(path, unpackMessage(payload) as JournalIdentity, identity, refusalRemedy);
  return at + frameHeaderBytes + header.length;
}

async function checkTitle(file: FileHandle, path: string): Promise<void> {
  const bytes = Buffer.alloc(titleStart.length + formatDigits + 1);
  const text = bytes.toString('latin1', 0, await readFully(file, bytes, 0));
  if (text.startsWith(title)) return;
  const format = text.startsWith(titleStart) ? /^\d+(?=\n)/.exec(text.slice(titleStart.length)) : null;
  if (format !== null) {
    const formats = `has format ${format[0]}, and this version of stdp-webgpu reads format ${journalFormat}`;
    throw refusedJournal(path, formats, refusalRemedy);
  }
  let byte = 0;
  while (byte < text.length && text[byte] === title[byte]) byte++;
  throw refusedJournal(
    path,
    `is no sweep journal: it does not read "${title.trim()}" from byte ${byte}`,
    refusalRemedy,
  );
}
