import { EngineError } from '../../errors.ts';
import { wasmBase64 } from './kernels.wasm.ts';

/** The functions of assembly/index.ts, where they are described; pointers are byte addresses in {@link memory}. */
export interface CpuKernels {
  readonly memory: WebAssembly.Memory;
  memoryBase(): number;
  addProduct(
    left: number,
    right: number,
    result: number,
    rows: number,
    inner: number,
    columns: number,
    leftStride: number,
    lists: number,
  ): void;
  addOuterProduct(
    left: number,
    right: number,
    weights: number,
    rows: number,
    units: number,
    columns: number,
    leftStride: number,
    scale: number,
    list: number,
  ): number;
  leakyStep(
    states: number,
    input: number,
    next: number,
    count: number,
    epsilon: number,
    goal: number,
    strength: number,
  ): void;
  scaledDifference(after: number, before: number, out: number, count: number, scale: number): void;
  mean(a: number, b: number, out: number, count: number): void;
  transpose(from: number, to: number, rows: number, columns: number, fromStride: number, toStride: number): void;
}

/** @throws EngineError `unavailable` where there is no WebAssembly with SIMD, or a page forbids it. */
export async function loadCpuKernels(): Promise<CpuKernels> {
  const bytes = Uint8Array.from(atob(wasmBase64), (character) => character.charCodeAt(0));
  try {
    const { instance } = await WebAssembly.instantiate(bytes);
    return instance.exports as unknown as CpuKernels;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const needs = "WebAssembly with SIMD, allowed by the page's content security policy";
    throw new EngineError('unavailable', `training on the CPU needs ${needs}: ${reason}`, { cause });
  }
}

const PAGE = 65_536;
const ALIGNMENT = 16;

/** Hands out memory of the kernels, for as long as they live. */
export class CpuMemory {
  readonly #memory: WebAssembly.Memory;
  #end: number;

  constructor({ memory, memoryBase }: CpuKernels) {
    this.#memory = memory;
    this.#end = memoryBase();
  }

  /** Address of room for some values, all 0. @throws EngineError `out-of-memory` */
  take(values: number): number {
    const at = this.#end;
    this.#end = Math.ceil((at + 4 * values) / ALIGNMENT) * ALIGNMENT;
    const missing = this.#end - this.#memory.buffer.byteLength;
    try {
      if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    } catch (cause) {
      throw new EngineError('out-of-memory', `no room for ${missing} more bytes in WebAssembly's memory`, { cause });
    }
    return at;
  }

  /** The values at an address; invalid once more memory is taken. */
  view(address: number, values: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#memory.buffer as ArrayBuffer, address, values);
  }
}
