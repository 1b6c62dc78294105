/** Scalar types of a parameter block. */
export type ScalarType = 'u32' | 'i32' | 'f32';

/** A block of scalars, uniform or element of a storage array, whose WGSL text and bytes come from one description. */
export interface UniformBlock<Name extends string> {
  /** WGSL of the struct. */
  readonly wgsl: string;
  /** Size in bytes, a multiple of 16. */
  readonly size: number;
  /** Bytes for the given values. */
  pack(values: Readonly<Record<Name, number>>): ArrayBuffer;
  /** Bytes of a storage array of such structs. */
  packArray(values: readonly Readonly<Record<Name, number>>[]): ArrayBuffer;
}

/**
 * Describes a uniform block.
 *
 * @example
 * const block = uniformBlock('Params', { steps: 'u32', mean: 'i32' });
 * device.queue.writeBuffer(buffer, 0, block.pack({ steps: 160, mean: -5 }));
 */
export function uniformBlock<Name extends string>(
  structName: string,
  fields: Readonly<Record<Name, ScalarType>>,
): UniformBlock<Name> {
  const names = Object.keys(fields) as Name[];
  const stride = names.length * 4;
  const size = Math.ceil(stride / 16) * 16;
  const write = (view: DataView, at: number, values: Readonly<Record<Name, number>>) => {
    names.forEach((name, index) => {
      if (fields[name] === 'f32') view.setFloat32(at + index * 4, values[name], true);
      else view.setUint32(at + index * 4, values[name], true);
    });
  };
  return {
    wgsl: `struct ${structName} {\n${names.map((name) => `  ${name}: ${fields[name]},`).join('\n')}\n}\n`,
    size,
    pack(values) {
      const view = new DataView(new ArrayBuffer(size));
      write(view, 0, values);
      return view.buffer;
    },
    packArray(values) {
      const view = new DataView(new ArrayBuffer(values.length * stride));
      values.forEach((element, index) => {
        write(view, index * stride, element);
      });
      return view.buffer;
    },
  };
}
