import { EngineError } from '../errors.ts';
import { PipelineCache } from './pipelines.ts';
import { Readback } from './readback.ts';

/** How to make a device. */
export interface ContextOptions {
  /** Default: `navigator.gpu`. In Node, the GPU object of a WebGPU implementation such as Dawn's. */
  readonly gpu?: GPU;
  readonly powerPreference?: GPUPowerPreference;
}

/** What is known of the adapter, for people and for manifests. */
export interface AdapterDescription {
  /** Best available name, such as `NVIDIA H200` or `SwiftShader`. */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** Runs on the CPU. */
  readonly software: boolean;
}

/** Limits that are raised to what the adapter offers. */
const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const;

/** A lost device fails what waits for it a moment before it says that it is lost: at most so many milliseconds. */
const LOSS_NOTICE_MS = 100;

/** Features that are asked for where the adapter has them. */
const WANTED_FEATURES = ['timestamp-query', 'subgroups'] as const satisfies readonly GPUFeatureName[];

/**
 * A device with what hangs on it: pipelines compiled once, bounded read-back. Made from an adapter
 * ({@link GpuContext.create}) or borrowed from the caller ({@link GpuContext.borrow}); a borrowed device is never
 * destroyed. Knows no neuroscience.
 */
export class GpuContext {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  readonly pipelines: PipelineCache;
  readonly readback: Readback;
  readonly #owned: boolean;
  readonly #buffers = new Set<GPUBuffer>();
  /** Why the context can no longer be used. */
  #fault: EngineError | undefined;
  /** An error that no error scope caught; told once, to whoever waits for the device next. */
  #uncaptured: EngineError | undefined;

  private constructor(device: GPUDevice, adapter: AdapterDescription, owned: boolean) {
    this.device = device;
    this.adapter = adapter;
    this.#owned = owned;
    this.pipelines = new PipelineCache(device);
    this.readback = new Readback(device);
    device.lost.then(({ reason, message }) => {
      this.#fault ??= new EngineError('device-lost', `the GPU device was lost (${reason}): ${message}`);
    });
    // A command that the device refuses is dropped in silence and leaves zeros as results. A borrowed device may
    // report its owner's errors, so only the own one is listened to.
    if (owned) {
      device.addEventListener('uncapturederror', ({ error }) => {
        const code = error instanceof GPUOutOfMemoryError ? 'out-of-memory' : 'shader';
        this.#uncaptured ??= new EngineError(code, `the GPU device refused a command: ${error.message}`);
      });
    }
  }

  /**
   * Makes a device with the adapter's own limits.
   *
   * @throws EngineError `unavailable` where there is no WebGPU, no adapter or no device.
   */
  static async create(options: ContextOptions = {}): Promise<GpuContext> {
    const gpu = options.gpu ?? globalThis.navigator?.gpu;
    if (!gpu) throw (await availability()).noWebGpu();
    const adapter = await gpu.requestAdapter(
      options.powerPreference ? { powerPreference: options.powerPreference } : undefined,
    );
    if (!adapter) throw (await availability()).noAdapter();
    const description = describeAdapter(adapter.info);
    try {
      const device = await adapter.requestDevice({
        label: 'stdp-webgpu',
        requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
        requiredLimits: Object.fromEntries(RAISED_LIMITS.map((limit) => [limit, adapter.limits[limit]])),
      });
      return new GpuContext(device, description, true);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new EngineError('unavailable', `the adapter ${description.name} gives no device: ${reason}`, { cause });
    }
  }

  /** Uses the caller's device, with whatever limits and features it has. */
  static borrow(device: GPUDevice): GpuContext {
    return new GpuContext(device, describeAdapter(device.adapterInfo), false);
  }

  /** @throws EngineError `device-lost` once the device is lost or the context destroyed. */
  assertAlive(): void {
    if (this.#fault) throw this.#fault;
  }

  #assertSound(): void {
    this.assertAlive();
    const error = this.#uncaptured;
    this.#uncaptured = undefined;
    if (error) throw error;
  }

  /** Waits until the queue is idle. @throws EngineError `device-lost`. */
  async idle(): Promise<void> {
    await this.guard(this.device.queue.onSubmittedWorkDone());
  }

  /**
   * Awaits GPU work.
   *
   * @throws EngineError `device-lost` where that is behind a failure; `shader` or `out-of-memory` where the device
   *   (unless borrowed) refused a command that was given without an error scope; else what `work` rejects with.
   */
  async guard<T>(work: Promise<T>): Promise<T> {
    const result = await work.catch(async (cause) => {
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_NOTICE_MS))]);
      this.#assertSound();
      throw cause;
    });
    this.#assertSound();
    return result;
  }

  /**
   * Makes a labelled buffer, zeroed, with optional contents.
   *
   * @param contents bytes, or a size in bytes (rounded up to a multiple of 4).
   * @throws EngineError `out-of-memory` where the device has no room, `device-lost`.
   */
  async createBuffer(label: string, usage: GPUBufferUsageFlags, contents: number | BufferContents): Promise<GPUBuffer> {
    const bytes = typeof contents === 'number' ? contents : contents.byteLength;
    const size = Math.max(4, Math.ceil(bytes / 4) * 4);
    const what = `buffer "${label}" of ${(size / 2 ** 20).toFixed(1)} MiB`;
    const buffer = await this.allocate(what, () => this.device.createBuffer({ label, size, usage }));
    try {
      if (typeof contents !== 'number') this.writeBuffer(buffer, contents);
    } catch (error) {
      buffer.destroy();
      throw error;
    }
    this.#buffers.add(buffer);
    return buffer;
  }

  /**
   * Makes a buffer or a texture, which the caller destroys.
   *
   * @param what it is, for errors
   * @throws EngineError `out-of-memory` where the device has no room, `device-lost`.
   */
  async allocate<T extends GPUBuffer | GPUTexture>(what: string, create: () => T): Promise<T> {
    this.assertAlive();
    // Dawn returns an object that is an error instead of throwing, so only the error scope tells.
    this.device.pushErrorScope('out-of-memory');
    this.device.pushErrorScope('validation');
    const made = create();
    const scopes = Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]);
    try {
      const [validation, memory] = await this.guard(scopes);
      const error = validation ?? memory;
      if (error) throw new EngineError('out-of-memory', `no room for ${what}: ${error.message}`);
      return made;
    } catch (error) {
      made.destroy();
      throw error;
    }
  }

  /** Writes to the start of a buffer; zeros fill up a last word that is not whole. */
  writeBuffer(buffer: GPUBuffer, contents: BufferContents): void {
    const bytes = ArrayBuffer.isView(contents)
      ? new Uint8Array(contents.buffer, contents.byteOffset, contents.byteLength)
      : new Uint8Array(contents);
    const rest = bytes.byteLength % 4;
    const whole = bytes.byteLength - rest;
    this.device.queue.writeBuffer(buffer, 0, bytes, 0, whole);
    if (rest === 0) return;
    const word = new Uint8Array(4);
    word.set(bytes.subarray(whole));
    this.device.queue.writeBuffer(buffer, whole, word);
  }

  /** Frees a buffer made by {@link createBuffer}. */
  destroyBuffer(buffer: GPUBuffer): void {
    this.#buffers.delete(buffer);
    buffer.destroy();
  }

  /** Releases everything made here; the device too, unless it was borrowed. */
  destroy(): void {
    this.#fault ??= new EngineError('device-lost', 'the GPU context was destroyed');
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
    this.readback.destroy();
    if (this.#owned) this.device.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/** What is said where there is no GPU is loaded there. */
const availability = () => import('./availability.ts');

/** Bytes for a buffer. */
export type BufferContents = ArrayBuffer | ArrayBufferView<ArrayBuffer>;

function describeAdapter(info: GPUAdapterInfo | undefined): AdapterDescription {
  const vendor = info?.vendor ?? '';
  const architecture = info?.architecture ?? '';
  const words = [info?.description, info?.device, vendor, architecture].join(' ').toLowerCase();
  const software = (info?.isFallbackAdapter ?? false) || /swiftshader|llvmpipe|lavapipe|basic render/.test(words);
  const name = info?.description || [vendor, architecture, info?.device].filter(Boolean).join(' ') || 'unknown adapter';
  return { name, vendor, architecture, software };
}
