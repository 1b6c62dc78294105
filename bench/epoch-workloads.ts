import { openGpuTrainer } from '../src/energy/gpu/gpu-trainer.ts';
import { trainingSettings } from '../src/energy/training/settings.ts';
import { initialState } from '../src/energy/training/training-state.ts';
import type { GpuContext } from '../src/gpu/context.ts';
import { timed, type Workload } from './workload.ts';

/** An epoch of 784-500-10 on made-up images. @param examples how many, @param batch of so many each */
export async function epochWorkloads(context: GpuContext, examples: number, batch: number): Promise<Workload[]> {
  const settings = trainingSettings({ sizes: [784, 500, 10], batch });
  const images = Uint8Array.from({ length: examples * 784 }, (_, at) => ((at * 2654435761) >>> 8) & 255);
  const labels = Uint8Array.from({ length: examples }, (_, n) => n % 10);
  const set = { count: examples, pixels: 784, images, labels };
  const trainer = await openGpuTrainer(context, settings, set, initialState(settings, examples));
  const filter = new DispatchFilter(context.device);
  const workload = (name: string, kept: Kept, close: () => void): Workload => ({
    name,
    run: (repeats) =>
      timed(async () => {
        filter.kept = kept;
        try {
          for (let repeat = 0; repeat < repeats; repeat++) await trainer.runEpoch(repeat);
        } finally {
          filter.kept = 'all';
        }
      }),
    verify: async () => ({ correct: true, chance: 1 }),
    close,
  });
  return [
    workload('epoch', 'all', () => {
      filter.release();
      trainer.destroy();
    }),
    workload('epoch-products', 'products', () => undefined),
    workload('epoch-empty', 'none', () => undefined),
  ];
}

type Kept = 'all' | 'products' | 'none';

/** Leaves dispatches of a device out as they are recorded, so that what is measured needs no hooks for it. */
class DispatchFilter {
  kept: Kept = 'all';
  readonly #device: GPUDevice;
  readonly #createEncoder: GPUDevice['createCommandEncoder'];

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#createEncoder = device.createCommandEncoder;
    const createEncoder = device.createCommandEncoder.bind(device);
    device.createCommandEncoder = (descriptor) => {
      const encoder = createEncoder(descriptor);
      const beginPass = encoder.beginComputePass.bind(encoder);
      encoder.beginComputePass = (pass) => this.#watched(beginPass(pass));
      return encoder;
    };
  }

  release(): void {
    this.#device.createCommandEncoder = this.#createEncoder;
  }

  #watched(pass: GPUComputePassEncoder): GPUComputePassEncoder {
    if (this.kept === 'all') return pass;
    let label = '';
    const setPipeline = pass.setPipeline.bind(pass);
    const dispatch = pass.dispatchWorkgroups.bind(pass);
    pass.setPipeline = (pipeline) => {
      label = pipeline.label;
      return setPipeline(pipeline);
    };
    pass.dispatchWorkgroups = (x, y, z) => {
      if (this.kept === 'products' && label === 'matrix product') return dispatch(x, y, z);
      return undefined;
    };
    return pass;
  }
}
