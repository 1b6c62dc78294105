import { PassTimer } from '../../bench/pass-timer.ts';
import { GpuContext } from '../../src/gpu/context.ts';
import { gpuEngine } from '../../src/stdp/gpu-engine.ts';
import { parseSpec } from '../../src/stdp/parse-spec.ts';
import { planExperiment } from '../../src/stdp/plan.ts';
import { sfc32, shifts } from '../../src/stdp/shaders.ts';
import { simulate } from '../../src/stdp/simulate.ts';
import { twinEngine } from '../../src/stdp/twin.ts';
import { assertSameArray, assertSameSimulation } from '../support/compare.ts';
import { assert, engineErrorOf, type GpuCase, watchBuffers, withOwnContext } from './case.ts';
import { runKernel } from './run-kernel.ts';
import { assertUsable, sampleExperiment, withLargestRegion } from './simulation-cases.ts';

/** A device as WebGPU gives it to anyone: smallest limits, no features. */
async function plainDevice(gpu: GPU): Promise<GPUDevice> {
  return (await gpu.requestAdapter())!.requestDevice();
}

const sample = 'the default drives';
const longRun = planExperiment(parseSpec({ sequences: 6, steps: 100, trials: 600 }));

/** Destroys the device once `dispatches` chunks of trials are done, and tells what `simulate` makes of it. */
async function loseDevice(gpu: GPU, dispatches: number, sequencesPerTile: number): Promise<void> {
  await withOwnContext(gpu, async (context) => {
    const live = watchBuffers(context.device);
    let done = 0;
    const error = await engineErrorOf('device-lost', () =>
      simulate(withLargestRegion(gpuEngine(context), { sequences: sequencesPerTile }), longRun, {
        chunk: 50,
        rates: true,
        traces: [{ sequence: 0, trial: 0 }],
        onProgress: () => {
          if (++done === dispatches) context.device.destroy();
        },
      }),
    );
    assert(error.message.includes('lost'), `no word of the loss in: ${error.message}`);
    await engineErrorOf('device-lost', () => context.createBuffer('late', GPUBufferUsage.STORAGE, 16));
    context.destroy();
    await assertAllFreed(live);
  });
}

/** Waits until what the failure left under way has ended too. */
async function assertAllFreed(live: () => string[]): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert(live().length === 0, `buffers left: ${live().join(', ')}`);
}

export const deviceCases: readonly GpuCase[] = [
  {
    name: 'the limits are those of the adapter',
    async run(context, gpu) {
      const adapter = (await gpu.requestAdapter())!;
      for (const limit of [
        'maxBufferSize',
        'maxStorageBufferBindingSize',
        'maxComputeWorkgroupStorageSize',
        'maxComputeInvocationsPerWorkgroup',
        'maxComputeWorkgroupsPerDimension',
        'maxStorageBuffersPerShaderStage',
      ] as const) {
        const [actual, offered] = [context.device.limits[limit], adapter.limits[limit]];
        assert(actual === offered, `${limit} is ${actual}, the adapter offers ${offered}`);
      }
      assert(context.adapter.name !== '' && context.adapter.name !== 'unknown adapter', 'the adapter has no name');
    },
  },
  {
    name: 'no adapter is an error that says so',
    async run() {
      const none = { requestAdapter: async () => null } as unknown as GPU;
      await engineErrorOf('unavailable', () => GpuContext.create({ gpu: none }));
      const refuses = {
        requestDevice: () => Promise.reject(new Error('busy')),
        features: new Set(),
        limits: {},
        info: {},
      };
      const stingy = { requestAdapter: async () => refuses } as unknown as GPU;
      const { message } = await engineErrorOf('unavailable', () => GpuContext.create({ gpu: stingy }));
      assert(message.includes('busy'), `no reason in: ${message}`);
    },
  },
  {
    name: 'timestamps measure a pass where the device has them',
    run: (_, gpu) =>
      withOwnContext(gpu, async (context) => {
        const { device } = context;
        const timer = await PassTimer.attach(context);
        assert(
          (timer !== undefined) === device.features.has('timestamp-query'),
          'no timer, or one without the feature',
        );
        if (!timer) return;
        const pipeline = await context.pipelines.get({
          label: 'busy',
          switches: { SLOW_SHIFTS: false },
          pieces: [
            shifts,
            sfc32,
            {
              file: 'busy',
              text: `@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
                var state = vec4<u32>(thread, 1u);
                for (var i = 0u; i < 200000u; i++) { _ = sfc32(&state); }
                sink[thread.x & 63u] = state.x;
              }
              @group(0) @binding(0) var<storage, read_write> sink: array<u32>;`,
            },
          ],
        });
        const sink = device.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE });
        const entries = [{ binding: 0, resource: { buffer: sink } }];
        const bindings = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
        const { gpu: seconds, wall } = await timer.span(async () => {
          const encoder = device.createCommandEncoder();
          const pass = encoder.beginComputePass();
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, bindings);
          pass.dispatchWorkgroups(1);
          pass.end();
          device.queue.submit([encoder.finish()]);
          await context.idle();
        });
        sink.destroy();
        assert(seconds > 1e-5 && seconds < 1.1 * wall, `${seconds} s of ${wall} s`);
      }),
  },
  {
    name: 'a buffer beyond the limit is an out-of-memory error and does no harm',
    async run(context) {
      const { maxBufferSize } = context.device.limits;
      const usage = GPUBufferUsage.STORAGE;
      const { message } = await engineErrorOf('out-of-memory', () =>
        context.createBuffer('elephant', usage, maxBufferSize + 4),
      );
      assert(message.includes('elephant'), `no name of the buffer in: ${message}`);
      await assertUsable(context);
    },
  },
  {
    name: 'a tile that does not fit is an out-of-memory error and leaves nothing behind',
    async run(_, gpu) {
      const device = await plainDevice(gpu);
      const live = watchBuffers(device);
      const context = GpuContext.borrow(device);
      const plan = planExperiment(parseSpec({ steps: 500, pairing: { window: 64 } }));
      // Only the counters are beyond the limit, and the device refuses it before the other buffers are there.
      const { maxBufferSize } = device.limits;
      const sequences = Math.ceil(maxBufferSize / (plan.pairedSteps * plan.bins * 2)) + 1;
      const create = context.createBuffer.bind(context);
      context.createBuffer = async (label, usage, contents) => {
        if (label !== 'counters') await new Promise((resolve) => setTimeout(resolve, 50));
        return create(label, usage, contents);
      };
      const region = { firstSequence: 0, sequences, firstStep: plan.firstPaired, steps: plan.pairedSteps };
      await engineErrorOf('out-of-memory', () => gpuEngine(context).openTile(plan, region));
      await assertAllFreed(live);
      await context.idle();
      context.destroy();
      device.destroy();
    },
  },
  {
    name: 'a command that the device refuses is told to whoever waits for it',
    async run(_, gpu) {
      await withOwnContext(gpu, async (context) => {
        const { device } = context;
        const buffer = await context.createBuffer('not readable', GPUBufferUsage.COPY_DST, 16);
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(buffer, 0, buffer, 8, 8);
        device.queue.submit([encoder.finish()]);
        await engineErrorOf('shader', () => context.idle());
        await context.idle();
      });
    },
  },
  {
    name: 'a simulation leaves no buffer behind, and destroy() frees the rest',
    async run(_, gpu) {
      await withOwnContext(gpu, async (context) => {
        const live = watchBuffers(context.device);
        const { plan, options } = sampleExperiment(sample);
        const engine = withLargestRegion(gpuEngine(context), { sequences: 3 });
        await simulate(engine, plan, options);
        const left = () => live().filter((label) => !label.startsWith('staging'));
        assertSameArray('buffers left', left(), []);
        const signal = AbortSignal.abort();
        await simulate(engine, plan, { ...options, signal });
        const thrown = await simulate(engine, plan, {
          ...options,
          onProgress: ({ done, total }) => {
            if (done > total / 2) throw new Error('stop');
          },
        }).catch((error: unknown) => String(error));
        assert(thrown === 'Error: stop', `a listener's error became ${JSON.stringify(thrown)}`);
        await assertAllFreed(left);
        context.destroy();
        assertSameArray('buffers left', live(), []);
      });
    },
  },
  {
    name: 'a device lost among trials ends the simulation with device-lost; a new one starts over undisturbed',
    async run(_, gpu) {
      await loseDevice(gpu, 3, 6);
      await withOwnContext(gpu, async (context) => {
        assertSameSimulation(
          await simulate(gpuEngine(context), longRun, { rates: true }),
          await simulate(twinEngine(), longRun, { rates: true }),
        );
      });
    },
  },
  {
    name: 'a device lost while one tile is read and the next computed ends the simulation with device-lost',
    async run(_, gpu) {
      // A tile takes twelve dispatches: the loss comes with the last of the first tile or the first of the second.
      for (const dispatches of [12, 13]) await loseDevice(gpu, dispatches, 1);
    },
  },
  {
    name: 'a borrowed device with default limits computes the same and outlives the context',
    async run(_, gpu) {
      const device = await plainDevice(gpu);
      const live = watchBuffers(device);
      const first = GpuContext.borrow(device);
      await assertUsable(first);
      const buffer = await first.createBuffer('forgotten', GPUBufferUsage.STORAGE, 16);
      const pending = first.createBuffer('pending', GPUBufferUsage.STORAGE, 16).catch((error: unknown) => error);
      first.destroy();
      await pending;
      assertSameArray('buffers left', live(), []);
      await engineErrorOf('device-lost', () => first.createBuffer('late', GPUBufferUsage.STORAGE, buffer.size));
      const second = GpuContext.borrow(device);
      await second.idle();
      assertSameArray(
        'words',
        await runKernel(second, {
          pieces: [],
          kernel: `@group(0) @binding(0) var<storage, read_write> words: array<u32>;
            @compute @workgroup_size(1) fn main(@builtin(workgroup_id) at: vec3<u32>) { words[at.x] = 7u * at.x; }`,
          inputs: [],
          outputWords: 3,
          workgroups: 3,
        }),
        [0, 7, 14],
      );
      second.destroy();
      const lost = await Promise.race([device.lost.then(() => true), Promise.resolve(false)]);
      assert(!lost, 'the borrowed device was destroyed');
      assertSameArray('buffers left', live(), []);
      device.destroy();
    },
  },
];
