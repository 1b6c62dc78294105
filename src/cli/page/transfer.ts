/** Arrays that travel as raw bytes. */
const ARRAY_TYPES = { Uint8Array, Int32Array, Uint32Array, Float64Array, BigInt64Array } as const;
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
 * little endian), the text, and the contents of the typed arrays that it refers to.
 */
export function packMessage(value: unknown): Blob {
  const arrays: ArrayBufferView<ArrayBuffer>[] = [];
  let size = 0;
  const json = JSON.stringify(value, (_, field) => {
    if (!ArrayBuffer.isView(field)) return field;
    const type = field.constructor.name as ArrayType;
    if (!(type in ARRAY_TYPES)) throw new TypeError(`${type} cannot travel`);
    const array = field as InstanceType<(typeof ARRAY_TYPES)[ArrayType]> & ArrayBufferView<ArrayBuffer>;
    const reference: ArrayReference = { $array: type, offset: size, length: array.length };
    arrays.push(array);
    const padding = (ALIGNMENT - (array.byteLength % ALIGNMENT)) % ALIGNMENT;
    if (padding > 0) arrays.push(new Uint8Array(padding));
    size += array.byteLength + padding;
    return reference;
  });
  const text = new TextEncoder().encode(json);
  const head = new Uint8Array(align(4 + text.length));
  new DataView(head.buffer).setUint32(0, text.length, true);
  head.set(text, 4);
  return new Blob([head, ...arrays]);
}

/** The inverse of {@link packMessage}; arrays are views of `bytes`. */
export function unpackMessage(bytes: ArrayBuffer): unknown {
  const length = new DataView(bytes).getUint32(0, true);
  const start = align(4 + length);
  const text = new TextDecoder().decode(new Uint8Array(bytes, 4, length));
  return JSON.parse(text, (_, field) => {
    if (typeof field !== 'object' || field === null || !('$array' in field)) return field;
    const { $array, offset, length: count } = field as ArrayReference;
    return new ARRAY_TYPES[$array](bytes, start + offset, count);
  });
}

function align(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
