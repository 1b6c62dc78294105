import type { PipelineRequest } from '../../src/gpu/pipelines.ts';
import { sfc32, shifts } from '../../src/stdp/shaders.ts';
import { assert, engineErrorOf, type GpuCase, withOwnContext } from './case.ts';
import { assertUsable } from './simulation-cases.ts';

/** A kernel with a mistake on its line 9, behind a branch that is dropped. */
const broken = `// line 1
#if FAST
const lanes = 4u;
const speed = 9u;
#else
const lanes = 1u;
#endif
@compute @workgroup_size(1) fn main() {
  let fraction: u32 = 1.5;
}
`;

const brokenRequest: PipelineRequest = {
  label: 'broken kernel',
  pieces: [shifts, { file: 'shaders/test/broken.wgsl', text: broken }],
  switches: { FAST: false, SLOW_SHIFTS: false },
};

const adder = (label: string, text = ''): PipelineRequest => ({
  label,
  switches: { SLOW_SHIFTS: false },
  pieces: [
    shifts,
    sfc32,
    {
      file: 'shaders/test/adder.wgsl',
      text: `${text}
        override STEP = 1u;
        @group(0) @binding(0) var<storage, read_write> sum: array<u32>;
        @compute @workgroup_size(1) fn main() { sum[0] += STEP; }`,
    },
  ],
});

export const shaderCases: readonly GpuCase[] = [
  {
    name: 'a compile error names the file and its line and shows it',
    async run(context) {
      const { message } = await engineErrorOf('shader', () => context.pipelines.get(brokenRequest));
      assert(/shaders\/test\/broken\.wgsl:9:\d+: /.test(message), `no file and line in: ${message}`);
      assert(message.includes('let fraction: u32 = 1.5;'), `no source line in: ${message}`);
      assert(message.startsWith('broken kernel does not compile'), `no label in: ${message}`);
      await assertUsable(context);
    },
  },
  {
    name: 'a wrong entry point or constant is an error of the shader',
    async run(context) {
      const wrong = (part: Partial<PipelineRequest>) =>
        engineErrorOf('shader', () => context.pipelines.get({ ...adder('adder'), ...part }));
      const { message } = await wrong({ entryPoint: 'begin' });
      assert(message.startsWith('adder makes no pipeline: '), `no label in: ${message}`);
      await wrong({ constants: { NOTHING: 1 } });
      await wrong({ constants: { STEP: -1 } });
      await assertUsable(context);
    },
  },
  {
    name: 'a pipeline is compiled once, also for requests at the same time',
    async run(_, gpu) {
      await withOwnContext(gpu, async (context) => {
        const { device, pipelines } = context;
        const create = device.createComputePipelineAsync.bind(device);
        const compiled: GPUComputePipelineDescriptor[] = [];
        const assertCompiled = (times: number, what: string) =>
          assert(compiled.length === times, `${what}: compiled ${compiled.length} times in all instead of ${times}`);
        device.createComputePipelineAsync = (descriptor) => {
          compiled.push(descriptor);
          return create(descriptor);
        };
        const request = { ...adder('adder'), constants: { STEP: 2 } };
        const [first, second] = await Promise.all([pipelines.get(request), pipelines.get({ ...request })]);
        const third = await pipelines.get(request);
        assert(first === second && second === third, 'equal requests give different pipelines');
        assertCompiled(1, 'equal requests');
        const other = await pipelines.get({ ...request, constants: { STEP: 3 } });
        const changed = await pipelines.get({ ...request, ...adder('adder', 'const unused = 1;') });
        assert(other !== first && changed !== first, 'different requests give one pipeline');
        assertCompiled(3, 'other constants and other code');
        const failing = () => engineErrorOf('shader', () => pipelines.get({ ...request, entryPoint: 'begin' }));
        await Promise.all([failing(), failing()]);
        await failing();
        assertCompiled(5, 'a failure, shared while it is under way and tried again later');
      });
    },
  },
];
