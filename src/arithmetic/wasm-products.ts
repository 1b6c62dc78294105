import { wasmBase64 } from './products.wasm.ts';

/** What is applied to the sums of a product. */
export type ProductActivation = 'none' | 'sigmoid' | 'softplus';

/** Products of float32 matrices, row-major, in WebAssembly with SIMD on one thread. */
export interface WasmProducts {
  /**
   * activation(left · right + bias).
   *
   * @param left shape [rows][inner] @param right shape [inner][columns] @param bias shape [columns]; none for zeros
   * @param scale of the softplus
   * @returns shape [rows][columns]
   */
  multiply(
    left: Float32Array,
    right: Float32Array,
    columns: number,
    options?: { readonly bias?: Float32Array; readonly activation?: ProductActivation; readonly scale?: number },
  ): Float32Array;
  /** leftᵀ · right. @param left shape [inner][rows] @param right shape [inner][columns] @returns shape [rows][columns] */
  multiplyTransposed(left: Float32Array, right: Float32Array, inner: number): Float32Array;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  pack(source: number, target: number, inner: number, columns: number): void;
  transpose(source: number, target: number, rows: number, columns: number): void;
  multiply(left: number, right: number, result: number, rows: number, inner: number, panels: number): void;
  finish(result: number, bias: number, rows: number, panels: number, activation: number, scale: number): void;
}

const PAGE_BYTES = 65536;
const ROWS = 4;
const PANEL = 8;
const ACTIVATIONS = { none: 0, sigmoid: 1, softplus: 2 } as const;

/** Makes products; memory grows with the largest of them. Needs WebAssembly with SIMD, as browsers and Node ≥ 16 have. */
export async function wasmProducts(): Promise<WasmProducts> {
  const bytes = Uint8Array.from(atob(wasmBase64), (character) => character.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(bytes);
  const exports = instance.exports as unknown as Exports;

  /** Places for arrays of so many values, one after another from the start of the memory. */
  const places = (...lengths: readonly number[]): number[] => {
    let at = 16;
    const starts = lengths.map((length) => {
      const start = at;
      at += Math.ceil(length / 4) * 16;
      return start;
    });
    const missing = Math.ceil((at - exports.memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) exports.memory.grow(missing);
    return starts;
  };
  const view = (at: number, length: number) => new Float32Array(exports.memory.buffer, at, length);

  return {
    multiply(left, right, columns, { bias, activation = 'none', scale = 1 } = {}) {
      const inner = right.length / columns;
      const rows = left.length / inner;
      const allRows = Math.ceil(rows / ROWS) * ROWS;
      const panels = Math.ceil(columns / PANEL);
      const width = panels * PANEL;
      const [a, b, packed, c, d] = places(allRows * inner, right.length, width * inner, allRows * width, width);
      view(a!, left.length).set(left);
      view(b!, right.length).set(right);
      exports.pack(b!, packed!, inner, columns);
      exports.multiply(a!, packed!, c!, allRows, inner, panels);
      if (bias || activation !== 'none') {
        const biases = view(d!, width);
        biases.fill(0);
        if (bias) biases.set(bias);
        exports.finish(c!, d!, rows, panels, ACTIVATIONS[activation], scale);
      }
      return compact(view(c!, rows * width), rows, columns, width);
    },
    multiplyTransposed(left, right, inner) {
      const rows = left.length / inner;
      const columns = right.length / inner;
      const allRows = Math.ceil(rows / ROWS) * ROWS;
      const panels = Math.ceil(columns / PANEL);
      const width = panels * PANEL;
      const [a, turned, b, packed, c] = places(
        left.length,
        allRows * inner,
        right.length,
        width * inner,
        allRows * width,
      );
      view(a!, left.length).set(left);
      view(b!, right.length).set(right);
      exports.transpose(a!, turned!, inner, rows);
      exports.pack(b!, packed!, inner, columns);
      exports.multiply(turned!, packed!, c!, allRows, inner, panels);
      return compact(view(c!, rows * width), rows, columns, width);
    },
  };
}

/** A copy without what fills up the rows. */
function compact(values: Float32Array, rows: number, columns: number, width: number): Float32Array {
  if (width === columns) return values.slice();
  const copy = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) copy.set(values.subarray(row * width, row * width + columns), row * columns);
  return copy;
}
