/** Arrays that travel as raw bytes. */
const ARRAY_TYPES = { Uint8Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array } as const;
type ArrayType = keyof typeof ARRAY_TYPES;

/** What stands in the JSON for an array. */
interface ArrayReference {
  readonly $array: ArrayType;
  readonly offset: number;
  readonly length: number;
}

/** Offsets are multiples of this, so that every array type can be viewed in place. */
const ALIGNMENT = 8;

/**
 * A value of plain objects, plain arrays, JSON scalars and typed arrays as bytes: the length of a JSON text (32 bits,
 * little endian), the text, and the contents of the typed arrays that it refers to. Typed arrays keep every bit; the
 * rest keeps what JSON keeps (so −0 becomes 0).
 *
 * @returns the message in pieces that follow each other; those of the typed arrays are views of their memory.
 * @throws TypeError for a typed array of another kind.
 */
export function messageParts(value: unknown): Uint8Array<ArrayBuffer>[] {
  const arrays: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const refer = (_: string, field: unknown) => {
    if (!ArrayBuffer.isView(field)) return field;
    const type = field.constructor.name as ArrayType;
    if (!(type in ARRAY_TYPES)) throw new TypeError(`${type} cannot travel`);
    const array = field as InstanceType<(typeof ARRAY_TYPES)[ArrayType]> & ArrayBufferView<ArrayBuffer>;
    const reference: ArrayReference = { $array: type, offset: size, length: array.length };
    arrays.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    const padding = align(array.byteLength) - array.byteLength;
    if (padding > 0) arrays.push(new Uint8Array(padding));
    size += array.byteLength + padding;
    return reference;
  };
  // Without a function to call for every field, JSON is written (and read, below) several times as fast.
  const json = holdsArray(value) ? JSON.stringify(value, refer) : JSON.stringify(value);
  const text = new TextEncoder().encode(json);
  const head = new Uint8Array(align(4 + text.length));
  new DataView(head.buffer).setUint32(0, text.length, true);
  head.set(text, 4);
  return [head, ...arrays];
}

/** The message of {@link messageParts} in one piece. */
export function packMessage(value: unknown): Blob {
  return new Blob(messageParts(value));
}

/** The inverse of {@link packMessage}; arrays are views of `bytes`, or of a copy where its offset is no multiple of 8. */
export function unpackMessage(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): unknown {
  if (bytes instanceof ArrayBuffer) return unpackMessage(new Uint8Array(bytes));
  const { buffer, byteOffset } = bytes.byteOffset % ALIGNMENT === 0 ? bytes : new Uint8Array(bytes);
  const length = new DataView(buffer, byteOffset).getUint32(0, true);
  const start = byteOffset + align(4 + length);
  const text = new TextDecoder().decode(new Uint8Array(buffer, byteOffset + 4, length));
  if (!text.includes('"$array"')) return JSON.parse(text);
  return JSON.parse(text, (_, field) => {
    if (typeof field !== 'object' || field === null || !('$array' in field)) return field;
    const { $array, offset, length: count } = field as ArrayReference;
    return new ARRAY_TYPES[$array](buffer, start + offset, count);
  });
}

function holdsArray(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (ArrayBuffer.isView(value)) return true;
  for (const key in value) if (holdsArray((value as Record<string, unknown>)[key])) return true;
  return false;
}

function align(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
