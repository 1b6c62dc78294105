import type { GpuContext } from '../src/gpu/context.ts';
import { clockTick } from './clock.ts';

/** Passes that are timed to find the tick. */
const TICK_PASSES = 24;
/** Give up on a clock that stands still after this many more. */
const MOST_TICK_PASSES = 2000;

/**
 * Times what others submit: while a span is open, every compute pass that is begun on the device writes timestamps,
 * and the span goes from the begin of the first pass to the end of the last. So the code that is measured needs no
 * hooks for it. One span at a time.
 */
export class PassTimer {
  /** Tick of the device's clock in nanoseconds. */
  readonly tick: number;
  readonly #stamps: PassStamps;

  private constructor(stamps: PassStamps, tick: number) {
    this.#stamps = stamps;
    this.tick = tick;
  }

  /** Puts a timer on a context's own device; `undefined` where that has no timestamps or its clock stands still. */
  static async attach(context: GpuContext): Promise<PassTimer | undefined> {
    if (!context.device.features.has('timestamp-query')) return undefined;
    const stamps = new PassStamps(context);
    const readings: bigint[] = [];
    for (let pass = 0; pass < MOST_TICK_PASSES; pass++) {
      readings.push(...(await stamps.around(async () => submitEmptyPass(context.device))).readings);
      if (pass >= TICK_PASSES && readings.some((reading) => reading !== readings[0])) {
        return new PassTimer(stamps, clockTick(readings));
      }
    }
    return undefined;
  }

  /** Runs work that ends with an idle queue. @returns seconds by the device's clock, and by the host's. */
  async span(work: () => Promise<void>): Promise<{ readonly gpu: number; readonly wall: number }> {
    const { readings, wall } = await this.#stamps.around(work);
    const [begin, end] = readings;
    return { gpu: Number(end! - begin!) / 1e9, wall };
  }
}

class PassStamps {
  readonly #context: GpuContext;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  #open = false;
  #passes = 0;

  constructor(context: GpuContext) {
    const { device } = context;
    this.#context = context;
    this.#queries = device.createQuerySet({ label: 'pass timer', type: 'timestamp', count: 2 });
    this.#resolved = device.createBuffer({
      label: 'pass timer',
      size: 16,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const createEncoder = device.createCommandEncoder.bind(device);
    device.createCommandEncoder = (descriptor) => {
      const encoder = createEncoder(descriptor);
      if (!this.#open) return encoder;
      const beginPass = encoder.beginComputePass.bind(encoder);
      encoder.beginComputePass = (pass) => beginPass({ ...pass, timestampWrites: this.#writes() });
      return encoder;
    };
  }

  #writes(): GPUComputePassTimestampWrites {
    const first = this.#passes++ === 0;
    return { querySet: this.#queries, endOfPassWriteIndex: 1, ...(first ? { beginningOfPassWriteIndex: 0 } : {}) };
  }

  async around(work: () => Promise<void>): Promise<{ readings: bigint[]; wall: number }> {
    const { device, readback } = this.#context;
    this.#open = true;
    this.#passes = 0;
    const started = performance.now();
    try {
      await work();
    } finally {
      this.#open = false;
    }
    const wall = (performance.now() - started) / 1000;
    const encoder = device.createCommandEncoder({ label: 'pass timer' });
    encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved, 0);
    device.queue.submit([encoder.finish()]);
    return { readings: [...new BigUint64Array(await readback.read(this.#resolved))], wall };
  }
}

async function submitEmptyPass(device: GPUDevice): Promise<void> {
  const encoder = device.createCommandEncoder();
  encoder.beginComputePass().end();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
}
