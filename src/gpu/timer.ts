/** Times compute passes on the device, where it has `timestamp-query`. */
export class DispatchTimer {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #readable: GPUBuffer;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#queries = device.createQuerySet({ label: 'dispatch timer', type: 'timestamp', count: 2 });
    const buffer = (label: string, usage: GPUBufferUsageFlags) => device.createBuffer({ label, size: 16, usage });
    this.#resolved = buffer('dispatch timer, resolved', GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC);
    this.#readable = buffer('dispatch timer, readable', GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  /** Give this to the pass that is to be timed. One at a time: call {@link read} before the next. */
  get timestampWrites(): GPUComputePassTimestampWrites {
    return { querySet: this.#queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
  }

  /** Duration of the last timed pass in nanoseconds; `undefined` where the device's clock did not advance. */
  async read(): Promise<number | undefined> {
    const encoder = this.#device.createCommandEncoder({ label: 'dispatch timer' });
    encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#readable, 0, 16);
    this.#device.queue.submit([encoder.finish()]);
    await this.#readable.mapAsync(GPUMapMode.READ);
    const [begin, end] = new BigUint64Array(this.#readable.getMappedRange());
    const elapsed = Number(end! - begin!);
    this.#readable.unmap();
    return elapsed > 0 ? elapsed : undefined;
  }

  destroy(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
    this.#readable.destroy();
  }
}
