import { EngineError, type ErrorCode } from '../../src/errors.ts';
import { GpuContext } from '../../src/gpu/context.ts';

/** A statement about the GPU side that holds in every runtime. Uses nothing that a browser does not have. */
export interface GpuCase {
  readonly name: string;
  /**
   * @param context shared by the cases of a runtime: leave it usable.
   * @param gpu where cases that need a device of their own get it.
   * @throws Error where the statement is wrong.
   */
  run(context: GpuContext, gpu: GPU): Promise<void>;
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** The EngineError that `work` is to end with. */
export async function engineErrorOf(code: ErrorCode, work: () => Promise<unknown>): Promise<EngineError> {
  const outcome = await work().then(
    () => undefined,
    (error: unknown) => error,
  );
  assert(outcome !== undefined, `no error, although ${code} was expected`);
  if (outcome instanceof EngineError && outcome.code === code) return outcome;
  const seen = outcome instanceof EngineError ? `EngineError ${outcome.code}: ${outcome.message}` : String(outcome);
  throw new Error(`expected EngineError ${code}, not ${seen}`, { cause: outcome });
}

/** Runs `work` on a device of its own. */
export async function withOwnContext(gpu: GPU, work: (context: GpuContext) => Promise<void>): Promise<void> {
  const context = await GpuContext.create({ gpu });
  try {
    await work(context);
  } finally {
    context.destroy();
  }
}

/** The buffers of a device that are made from here on and not destroyed yet, as their labels. */
export function watchBuffers(device: GPUDevice): () => string[] {
  const live = new Set<GPUBuffer>();
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      live.delete(buffer);
      return destroy();
    };
    live.add(buffer);
    return buffer;
  };
  return () => [...live].map(({ label }) => label);
}
