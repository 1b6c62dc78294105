import { EngineError } from '../errors.ts';

/** Bytes of one staging buffer. */
const STAGING_BYTES = 2 ** 23;
/** Staging buffers in all: what bounds the memory that reads take, and lets one be filled while another is read. */
const STAGING_BUFFERS = 3;

/**
 * Reads buffers back through a small ring of staging buffers. A read copies as soon as a staging buffer is free, so
 * it overlaps whatever is submitted after it; large reads go piece by piece.
 */
export class Readback {
  readonly #device: GPUDevice;
  readonly #free: GPUBuffer[] = [];
  readonly #waiting: { resolve(buffer: GPUBuffer): void; reject(error: unknown): void }[] = [];
  #made = 0;
  #destroyed = false;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * The bytes of `buffer` (which needs COPY_SRC) after the work submitted so far. Nothing may write to that part of
   * the buffer before the promise settles: a copy that waits for a staging buffer is submitted later.
   *
   * @param offset in bytes, a multiple of 4.
   * @throws EngineError `out-of-memory` where the device has no room for a staging buffer, `device-lost` after
   *   {@link destroy}.
   */
  async read(buffer: GPUBuffer, offset = 0, size = buffer.size - offset): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(size);
    const pieces: Promise<void>[] = [];
    for (let at = 0; at < size; at += STAGING_BYTES) {
      pieces.push(this.#readPiece(buffer, offset + at, bytes.subarray(at, Math.min(size, at + STAGING_BYTES))));
    }
    await Promise.all(pieces);
    return bytes.buffer;
  }

  destroy(): void {
    this.#destroyed = true;
    for (const staging of this.#free) staging.destroy();
    this.#free.length = 0;
    for (const { reject } of this.#waiting) reject(destroyedError());
    this.#waiting.length = 0;
  }

  async #readPiece(buffer: GPUBuffer, offset: number, target: Uint8Array): Promise<void> {
    const staging = await this.#take();
    // WebGPU copies and maps whole words.
    const size = Math.ceil(target.byteLength / 4) * 4;
    try {
      const encoder = this.#device.createCommandEncoder({ label: 'read-back' });
      encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
      this.#device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ, 0, size);
      target.set(new Uint8Array(staging.getMappedRange(0, size), 0, target.byteLength));
    } finally {
      staging.unmap();
      this.#give(staging);
    }
  }

  async #take(): Promise<GPUBuffer> {
    if (this.#destroyed) throw destroyedError();
    const free = this.#free.pop();
    if (free) return free;
    if (this.#made < STAGING_BUFFERS) return this.#make();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async #make(): Promise<GPUBuffer> {
    this.#made++;
    this.#device.pushErrorScope('out-of-memory');
    const staging = this.#device.createBuffer({
      label: `staging ${this.#made}`,
      size: STAGING_BYTES,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const error = await this.#device.popErrorScope();
      if (!error) return staging;
      const mebibytes = STAGING_BYTES / 2 ** 20;
      throw new EngineError('out-of-memory', `no room for a staging buffer of ${mebibytes} MiB: ${error.message}`);
    } catch (error) {
      staging.destroy();
      this.#made--;
      // Whoever waits for this one tries in its turn, so that nobody waits for ever.
      const next = this.#waiting.shift();
      if (next) this.#make().then(next.resolve, next.reject);
      throw error;
    }
  }

  #give(staging: GPUBuffer): void {
    const next = this.#waiting.shift();
    if (next) next.resolve(staging);
    else if (this.#destroyed) staging.destroy();
    else this.#free.push(staging);
  }
}

function destroyedError(): EngineError {
  return new EngineError('device-lost', 'the GPU context was destroyed');
}
