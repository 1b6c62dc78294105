import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { refusedJournal } from '../stdp/sweep/journal-identity.ts';
import { messageParts } from './message.ts';

/**
 * What the frames of a journal file hold. The file is a line of text and then frames; the first frame tells the identity.
 * A frame is a header of 32 bytes and a payload (a packed message), all numbers little endian:
 *
 * | byte | content |
 * |---|---|
 * | 0 | `stdp` |
 * | 4 | kind: 0 identity, 1 finished, 2 partial |
 * | 8 | point (0 for the identity), 64 bits |
 * | 16 | length of the payload in bytes, 64 bits |
 * | 24 | CRC-32 of the payload |
 * | 28 | CRC-32 of the header up to here |
 *
 * The header has a checksum of its own, so that a damaged length is not taken for a frame that was cut off.
 */
export type FrameKind = 'identity' | 'finished' | 'partial';

const kinds: readonly FrameKind[] = ['identity', 'finished', 'partial'];

/** What to do about a file that is not taken. */
export const refusalRemedy = 'move it away or choose another --out';

const magic = Buffer.from('stdp');

/** Bytes before the payload. */
export const frameHeaderBytes = 32;

export interface FrameHeader {
  readonly kind: FrameKind;
  readonly point: number;
  /** Bytes of the payload. */
  readonly length: number;
  /** CRC-32 of the payload. */
  readonly checksum: number;
}

/** A frame in pieces that follow each other. @param value what {@link messageParts} takes. */
export function frameParts(kind: FrameKind, point: number, value: unknown): Uint8Array<ArrayBuffer>[] {
  const payload = messageParts(value);
  const header = new Uint8Array(frameHeaderBytes);
  const view = new DataView(header.buffer);
  header.set(magic);
  view.setUint32(4, kinds.indexOf(kind), true);
  view.setBigUint64(8, BigInt(point), true);
  view.setBigUint64(16, BigInt(byteLength(payload)), true);
  view.setUint32(24, checksumOf(payload), true);
  view.setUint32(28, crc32(header.subarray(0, 28)), true);
  return [header, ...payload];
}

/** @returns what is wrong where these bytes are not the header of a frame. */
export function parseFrameHeader(bytes: Uint8Array): FrameHeader | { readonly fault: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, frameHeaderBytes);
  if (!startsLikeFrame(bytes)) return { fault: 'no entry starts here' };
  if (crc32(bytes.subarray(0, 28)) !== view.getUint32(28, true)) {
    return { fault: 'the head of an entry has a wrong checksum' };
  }
  const kind = kinds[view.getUint32(4, true)];
  if (kind === undefined) return { fault: `an entry is of the unknown kind ${view.getUint32(4, true)}` };
  const point = Number(view.getBigUint64(8, true));
  return { kind, point, length: Number(view.getBigUint64(16, true)), checksum: view.getUint32(24, true) };
}

export function checksumOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => crc32(part, sum), 0);
}

export function byteLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}

export function joinParts(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

/** @param intact whether entries stand before the damage, which can be saved. */
export function damagedJournal(path: string, byte: number, what: string, intact = true): Error {
  const saving = intact
    ? ` (what stands before is intact: cut off from byte ${byte}, the file goes on from there)`
    : '';
  return refusedJournal(path, `is damaged at byte ${byte}: ${what}`, `${refusalRemedy}${saving}`);
}

/** Bytes that are in memory at a time while a file is scanned. */
const pieceBytes = 1 << 20;

/**
 * Goes through the frames of a file, checks each, and tells where it starts. Memory: 1 MiB whatever the file.
 *
 * @param from where the first frame starts.
 * @param size of the file.
 * @returns the end of the last complete frame; after it there is nothing, or the start of a frame that was cut off.
 * @throws EngineError `file` at the first byte that is neither.
 */
export async function scanFrames(
  file: FileHandle,
  path: string,
  from: number,
  size: number,
  onFrame: (kind: FrameKind, point: number, place: { readonly offset: number; readonly length: number }) => void,
): Promise<number> {
  const memory = new Uint8Array(pieceBytes);
  let piece = memory.subarray(0, 0);
  /** Place of the piece's first byte in the file. */
  let at = from;
  const fill = async () => {
    memory.set(piece);
    const rest = memory.subarray(piece.length, Math.min(pieceBytes, size - at));
    piece = memory.subarray(0, piece.length + (await readFully(file, rest, at + piece.length)));
  };
  const skip = (bytes: number) => {
    piece = piece.subarray(bytes);
    at += bytes;
  };
  while (at < size) {
    const offset = at;
    if (piece.length < frameHeaderBytes) await fill();
    if (piece.length < frameHeaderBytes) {
      if (startsLikeFrame(piece)) return offset;
      throw damagedJournal(path, offset, 'no entry starts here');
    }
    const header = parseFrameHeader(piece);
    if ('fault' in header) throw damagedJournal(path, offset, header.fault);
    skip(frameHeaderBytes);
    if (header.length > size - at) return offset;
    let sum = 0;
    for (let left = header.length; left > 0; ) {
      if (piece.length === 0) await fill();
      const part = piece.subarray(0, left);
      if (part.length === 0) throw damagedJournal(path, offset, 'the file became shorter while it was read');
      sum = crc32(part, sum);
      skip(part.length);
      left -= part.length;
    }
    if (sum !== header.checksum) throw damagedJournal(path, offset, 'an entry has a wrong checksum');
    onFrame(header.kind, header.point, { offset, length: frameHeaderBytes + header.length });
  }
  return at;
}

/** Most bytes that one call reads or writes; the system takes less than 2 GiB. */
const callBytes = 1 << 30;

/** Reads until the bytes are full or the file ends. @returns how many were read. */
export async function readFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, callBytes), position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** Writes all bytes, in one call unless the system takes only some of them. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.length - done, callBytes), position + done);
    done += bytesWritten;
  }
}

/** Whether the bytes, be they few, are those that a frame starts with. */
function startsLikeFrame(bytes: Uint8Array): boolean {
  return magic.subarray(0, bytes.length).equals(bytes.subarray(0, magic.length));
}
