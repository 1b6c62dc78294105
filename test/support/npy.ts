import { readFile } from 'node:fs/promises';

/** A float64 array of an `.npy` file, and its shape. */
export async function readNpy(path: string): Promise<{ shape: number[]; values: Float64Array }> {
  const bytes = await readFile(path);
  const start = 10 + bytes.readUInt16LE(8);
  const shape = /'shape': \(([^)]*)\)/.exec(bytes.toString('latin1', 10, start))![1]!;
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
  return {
    shape: shape
      .split(',')
      .filter((text) => text.trim() !== '')
      .map(Number),
    values,
  };
}
