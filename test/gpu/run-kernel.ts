import type { GpuContext } from '../../src/gpu/context.ts';
import type { ShaderPiece, ShaderSwitches } from '../../src/gpu/source.ts';

/** One dispatch of a kernel that only a test needs. */
export interface KernelRun {
  /** What the kernel calls. */
  readonly pieces: readonly ShaderPiece[];
  readonly switches?: ShaderSwitches;
  /** The kernel, entry point `main`: inputs at bindings 0, 1, … of group 0 (read), the output after them. */
  readonly kernel: string;
  readonly inputs: readonly (Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>)[];
  /** Words of the output. */
  readonly outputWords: number;
  readonly workgroups: number;
}

/** Runs a kernel and returns its output. */
export async function runKernel(context: GpuContext, run: KernelRun): Promise<Uint32Array> {
  const { device } = context;
  const pipeline = await context.pipelines.get({
    label: 'test kernel',
    pieces: [...run.pieces, { file: 'test kernel', text: run.kernel }],
    switches: run.switches ?? {},
  });
  const output = await context.createBuffer(
    'test output',
    GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    run.outputWords * 4,
  );
  const inputs = await Promise.all(
    run.inputs.map((input, index) =>
      context.createBuffer(`test input ${index}`, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST, input),
    ),
  );
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [...inputs, output].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindings);
  pass.dispatchWorkgroups(run.workgroups);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const words = new Uint32Array(await context.guard(context.readback.read(output, 0, run.outputWords * 4)));
  for (const buffer of [...inputs, output]) context.destroyBuffer(buffer);
  return words;
}
