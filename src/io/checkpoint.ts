import { EngineError } from '../errors.ts';

/** An array of a checkpoint. */
export interface SavedArray {
  readonly shape: readonly number[];
  /** Row-major, as many as the product of `shape`. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** Everything that a computation needs to go on. */
export interface Checkpoint {
  /** What the arrays are of, such as `energy`: a checkpoint of another kind is refused. */
  readonly kind: string;
  /** Settings and progress, as JSON keeps them. */
  readonly about: unknown;
  readonly arrays: Readonly<Record<string, SavedArray>>;
}

/**
 * A checkpoint as bytes, numbers little endian:
 *
 * | bytes | content |
 * |---|---|
 * | 8 | `stdpckpt` |
 * | 4 | version, 1 |
 * | 32 | SHA-256 of all that follows |
 * | 4 | length of the JSON text |
 * | | JSON: `kind`, `about` and the `name` and `shape` of each array; spaces up to a multiple of 4 |
 * | | the arrays, float32 |
 */
export async function packCheckpoint({ kind, about, arrays }: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const entries = Object.entries(arrays);
  const json = JSON.stringify({ kind, about, arrays: entries.map(([name, { shape }]) => ({ name, shape })) });
  const bare = new TextEncoder().encode(json);
  const text = new Uint8Array(Math.ceil(bare.length / 4) * 4).fill(0x20);
  text.set(bare);
  const values = entries.reduce((sum, [, array]) => sum + array.values.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + text.length + 4 * values);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(LENGTH_AT, text.length, true);
  bytes.set(text, HEADER_BYTES);
  let at = HEADER_BYTES + text.length;
  for (const [, array] of entries) {
    bytes.set(new Uint8Array(array.values.buffer, array.values.byteOffset, array.values.byteLength), at);
    at += array.values.byteLength;
  }
  bytes.set(await sha256(bytes.subarray(LENGTH_AT)), DIGEST_AT);
  return bytes;
}

/** Whether bytes begin as those of a checkpoint do. */
export function isCheckpoint(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, k) => bytes[k] === byte);
}

const MAGIC = new TextEncoder().encode('stdpckpt');
const VERSION = 1;
const DIGEST_AT = 12;
const LENGTH_AT = DIGEST_AT + 32;
const HEADER_BYTES = LENGTH_AT + 4;

/**
 * The inverse of {@link packCheckpoint}.
 *
 * @param path for errors
 * @throws EngineError `file` where the bytes are no checkpoint of this kind and version, or damaged.
 */
export async function unpackCheckpoint(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  kind: string,
): Promise<Checkpoint> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isCheckpoint(bytes)) throw refusal(path, 'is no checkpoint', 'a file that a training wrote');
  if (bytes.length < HEADER_BYTES) throw refusal(path, 'is cut off', 'a whole checkpoint');
  const version = view.getUint32(8, true);
  if (version !== VERSION) throw refusal(path, `has version ${version} of the format`, `version ${VERSION}`);
  const digest = await sha256(bytes.subarray(LENGTH_AT));
  if (!digest.every((byte, k) => bytes[DIGEST_AT + k] === byte)) {
    throw refusal(path, 'is cut off or damaged: its checksum is wrong', 'a whole checkpoint');
  }
  const textBytes = view.getUint32(LENGTH_AT, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_BYTES, HEADER_BYTES + textBytes))) as {
    readonly kind: string;
    readonly about: unknown;
    readonly arrays: readonly { readonly name: string; readonly shape: readonly number[] }[];
  };
  if (head.kind !== kind) throw refusal(path, `is a checkpoint of kind ${JSON.stringify(head.kind)}`, `kind "${kind}"`);
  let at = HEADER_BYTES + textBytes;
  const arrays = head.arrays.map(({ name, shape }) => {
    const size = 4 * valueCount(shape);
    const values = new Float32Array(bytes.slice(at, at + size).buffer);
    at += size;
    return [name, { shape, values }] as const;
  });
  return { kind, about: head.about, arrays: Object.fromEntries(arrays) };
}

/**
 * An array that must have a certain shape.
 *
 * @throws EngineError `file` where the checkpoint has none of that name, or of another shape.
 */
export function savedArray(
  { arrays }: Checkpoint,
  path: string,
  name: string,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const found = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
  const expected = `${name} of shape [${shape.join('][')}]`;
  if (!found) throw refusal(path, `has no ${name}`, expected);
  if (found.shape.length !== shape.length || found.shape.some((size, k) => size !== shape[k])) {
    throw refusal(path, `has ${name} of shape [${found.shape.join('][')}]`, expected);
  }
  return found.values;
}

function valueCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

function refusal(path: string, what: string, expected: string): EngineError {
  return new EngineError('file', `${path}: ${what}; expected ${expected}`, { path, expected });
}
