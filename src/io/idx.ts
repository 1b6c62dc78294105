import { EngineError } from '../errors.ts';

/** An array of unsigned bytes as an IDX file holds it, the format of MNIST. */
export interface IdxArray {
  /** From the slowest dimension to the fastest; the first counts the items. */
  readonly shape: readonly number[];
  /** Row-major, as many as the product of `shape`. */
  readonly values: Uint8Array<ArrayBuffer>;
}

/** Type of the values in the magic number: unsigned bytes. */
const UNSIGNED_BYTES = 0x08;
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/**
 * Reads an IDX file of unsigned bytes, plain or compressed with gzip.
 *
 * @param name of the file, for errors
 * @param dimensions that it must have: 3 for images, 1 for labels
 * @throws EngineError `file` where it is damaged, cut off, too long, or something else.
 */
export async function readIdx(bytes: Uint8Array<ArrayBuffer>, name: string, dimensions: number): Promise<IdxArray> {
  const plain = GZIP_MAGIC.every((byte, k) => bytes[k] === byte) ? await gunzip(bytes, name) : bytes;
  const magic = (UNSIGNED_BYTES << 8) | dimensions;
  const expected = `an IDX file of unsigned bytes in ${dimensions} ${dimensions === 1 ? 'dimension' : 'dimensions'} (magic number ${magic})`;
  const headerBytes = 4 + 4 * dimensions;
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  if (plain.length >= 4 && view.getUint32(0) !== magic) {
    throw refusal(name, `has magic number ${view.getUint32(0)}`, expected);
  }
  if (plain.length < headerBytes) throw refusal(name, `ends after ${plain.length} bytes, within its header`, expected);
  const shape = Array.from({ length: dimensions }, (_, k) => view.getUint32(4 + 4 * k));
  const count = shape.reduce((product, size) => product * size, 1);
  const found = plain.length - headerBytes;
  if (found !== count) {
    const relation = found < count ? 'is cut off' : 'is too long';
    throw refusal(name, `${relation}: ${found} bytes follow the header`, `${count} (${shape.join(' × ')})`);
  }
  return { shape, values: plain.subarray(headerBytes) };
}

async function gunzip(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    const what = 'cannot be decompressed: its gzip data are cut off or damaged';
    throw refusal(name, what, 'a whole gzip file', cause);
  }
}

function refusal(path: string, what: string, expected: string, cause?: unknown): EngineError {
  return new EngineError('file', `${path}: ${what}; expected ${expected}`, { path, expected, cause });
}
