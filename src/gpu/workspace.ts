import { EngineError } from '../errors.ts';
import type { BufferContents, GpuContext } from './context.ts';
import type { PipelineRequest } from './pipelines.ts';

const COPY_SRC = 0x04;
const COPY_DST = 0x08;

/**
 * Usage flags of the buffers of a computation, as the WebGPU standard numbers them: the global `GPUBufferUsage` may not
 * be there yet when a module is loaded.
 */
export const USAGE = {
  /** Parameters. */
  uniform: 0x40 | COPY_DST,
  /** What only kernels touch. */
  storage: 0x80,
  /** Storage with contents from the host. */
  table: 0x80 | COPY_DST,
  /** Storage that is read back. */
  readable: 0x80 | COPY_SRC,
  /** Storage with contents from the host or a kernel, read back. */
  exchanged: 0x80 | COPY_DST | COPY_SRC,
} as const;

/** A dispatch that can be recorded any number of times. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  /** Bind group 0. */
  readonly bindings: GPUBindGroup;
  /** Workgroups. */
  readonly x: number;
  readonly y: number;
}

/** Records dispatches, one after another, as one compute pass; each sees what those before it wrote. */
export function recordPass(encoder: GPUCommandEncoder, label: string, dispatches: Iterable<Dispatch>): void {
  const pass = encoder.beginComputePass({ label });
  for (const { pipeline, bindings, x, y } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(x, y);
  }
  pass.end();
}

/** What a kernel can be given. */
export type Bindable = GPUBuffer | GPUBufferBinding | GPUTexture;

/** The buffers of one computation and what is done with them; everything made here is freed by {@link destroy}. */
export class Workspace {
  readonly context: GpuContext;
  readonly #made = new Set<GPUBuffer>();
  readonly #textures = new Set<GPUTexture>();
  #destroyed = false;

  constructor(context: GpuContext) {
    this.context = context;
  }

  /**
   * Makes a buffer.
   *
   * @param contents bytes, or a size in bytes for zeros
   * @throws EngineError `out-of-memory`, `device-lost`
   */
  async buffer(label: string, usage: GPUBufferUsageFlags, contents: number | BufferContents): Promise<GPUBuffer> {
    const buffer = await this.context.createBuffer(label, usage, contents);
    // After a failure the workspace is destroyed while other buffers are still being made.
    if (this.#destroyed) this.context.destroyBuffer(buffer);
    else this.#made.add(buffer);
    return buffer;
  }

  /** Makes a texture. @throws EngineError `out-of-memory`, `device-lost` */
  async texture(descriptor: GPUTextureDescriptor): Promise<GPUTexture> {
    const { context } = this;
    const texture = await context.allocate(`texture "${descriptor.label}"`, () =>
      context.device.createTexture(descriptor),
    );
    if (this.#destroyed) texture.destroy();
    else this.#textures.add(texture);
    return texture;
  }

  free(...made: readonly (GPUBuffer | GPUTexture)[]): void {
    for (const one of made) {
      if ('createView' in one) {
        this.#textures.delete(one);
        one.destroy();
      } else {
        this.#made.delete(one);
        this.context.destroyBuffer(one);
      }
    }
  }

  /** @throws EngineError `shader`, `device-lost` */
  pipeline(
    label: string,
    pieces: PipelineRequest['pieces'],
    options: Pick<PipelineRequest, 'switches' | 'constants'> = {},
  ): Promise<GPUComputePipeline> {
    return this.context.guard(this.context.pipelines.get({ label, pieces, ...options }));
  }

  /**
   * Bind group 0 of a pipeline: buffers (or parts of them) and textures in the order of their bindings; `undefined`
   * leaves a binding out.
   */
  bind(pipeline: GPUComputePipeline, resources: readonly (Bindable | undefined)[]): GPUBindGroup {
    return this.context.device.createBindGroup({
      label: pipeline.label,
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.flatMap((resource, binding) =>
        resource ? [{ binding, resource: bindingResource(resource) }] : [],
      ),
    });
  }

  /**
   * Submits at once what is recorded; the promise settles when the device has accepted it.
   *
   * @throws EngineError `shader` where the device refuses it; a borrowed device would drop it in silence.
   */
  async submit(label: string, record: (encoder: GPUCommandEncoder) => void): Promise<void> {
    const { device } = this.context;
    device.pushErrorScope('validation');
    const encoder = device.createCommandEncoder({ label });
    record(encoder);
    device.queue.submit([encoder.finish()]);
    const error = await this.context.guard(device.popErrorScope());
    if (error) throw new EngineError('shader', `${label}: the device refused a dispatch: ${error.message}`);
  }

  /** {@link submit} of one dispatch. */
  dispatch(pipeline: GPUComputePipeline, bindings: GPUBindGroup, x: number, y = 1): Promise<void> {
    const { label } = pipeline;
    return this.submit(label, (encoder) => recordPass(encoder, label, [{ pipeline, bindings, x, y }]));
  }

  /**
   * A dispatch of a one-dimensional kernel. Beyond what one dimension takes, workgroups go on in the second; the kernel
   * leaves out what is too many.
   *
   * @param threads how many are needed
   * @param workgroupSize threads of a workgroup
   */
  threads(pipeline: GPUComputePipeline, bindings: GPUBindGroup, threads: number, workgroupSize: number): Dispatch {
    const workgroups = Math.ceil(threads / workgroupSize);
    const y = Math.ceil(workgroups / this.context.device.limits.maxComputeWorkgroupsPerDimension);
    return { pipeline, bindings, x: Math.ceil(workgroups / y), y };
  }

  /** {@link submit} of {@link threads}. */
  dispatchThreads(
    pipeline: GPUComputePipeline,
    bindings: GPUBindGroup,
    threads: number,
    workgroupSize: number,
  ): Promise<void> {
    const { x, y } = this.threads(pipeline, bindings, threads, workgroupSize);
    return this.dispatch(pipeline, bindings, x, y);
  }

  /** Bytes of a buffer after the work submitted so far. @throws EngineError `device-lost`, `out-of-memory` */
  read(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    return this.context.guard(this.context.readback.read(buffer, offset, size));
  }

  destroy(): void {
    this.#destroyed = true;
    this.free(...this.#made, ...this.#textures);
  }
}

function bindingResource(resource: Bindable): GPUBindingResource {
  if ('createView' in resource) return resource.createView();
  return 'mapAsync' in resource ? { buffer: resource } : resource;
}
