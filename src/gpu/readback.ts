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
  readonly #waiting: ((buffer: GPUBuffer) => void)[] = [];
  #made = 0;
  #destroyed = false;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * The bytes of `buffer` (which needs COPY_SRC) after the work submitted so far. Nothing may write to that part of
   * the buffer before the promise settles: a copy that waits for a staging buffer is submitted later.
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
  }

  async #readPiece(buffer: GPUBuffer, offset: number, target: Uint8Array): Promise<void> {
    const staging = await this.#take();
    try {
      const encoder = this.#device.createCommandEncoder({ label: 'read-back' });
      encoder.copyBufferToBuffer(buffer, offset, staging, 0, target.byteLength);
      this.#device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ, 0, target.byteLength);
      target.set(new Uint8Array(staging.getMappedRange(0, target.byteLength)));
      staging.unmap();
    } finally {
      this.#give(staging);
    }
  }

  #take(): Promise<GPUBuffer> | GPUBuffer {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#made < STAGING_BUFFERS) {
      this.#made++;
      return this.#device.createBuffer({
        label: `staging ${this.#made}`,
        size: STAGING_BYTES,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #give(staging: GPUBuffer): void {
    const next = this.#waiting.shift();
    if (next) next(staging);
    else if (this.#destroyed) staging.destroy();
    else this.#free.push(staging);
  }
}
