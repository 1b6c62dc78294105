import type { GpuContext } from '../src/gpu/context.ts';
import type { PassTimer } from './pass-timer.ts';
import peakText from './peak.wgsl?raw';
import { timed, type Workload } from './workload.ts';

const CHAINS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
/** `mix` of peak.wgsl. */
const OPERATIONS_PER_MIX = 8;
/**
 * Calls of `mix` on each chain in the body of the loop; the fastest is taken. A long body hides the loop's own cost on
 * a GPU (below half a per cent); SwiftShader's compiler runs out of registers there and is 1.4 times as fast with two.
 */
const UNROLLED = [2, 8] as const;

const WORKGROUP_SIZE = 64;
/** Threads enough to fill the largest GPU (an H200 holds 270,000 at once) several times, and few for a software adapter. */
const WORKGROUPS = { hardware: 2 ** 14, software: 2 ** 8 } as const;
/** Calls of `mix` on each chain in a run, which takes some milliseconds. */
const MIXES = { hardware: 2 ** 12, software: 2 ** 10 } as const;
/** Runs of each candidate. */
const TRIES = 3;

/** Integer operations of one run of the peak workload. */
export interface PeakWorkload extends Workload {
  readonly operations: number;
}

/** The adapter's integer peak, as a workload so that it is measured beside the kernel that is held against it. */
export async function peakWorkload(context: GpuContext, timer: PassTimer | undefined): Promise<PeakWorkload> {
  let best: PeakWorkload | undefined;
  let shortest = Number.POSITIVE_INFINITY;
  for (const unrolled of UNROLLED) {
    const candidate = await openPeak(context, timer, unrolled);
    const times: number[] = [];
    for (let run = 0; run < TRIES; run++) times.push((await candidate.run(1)).wall);
    const time = Math.min(...times);
    const [winner, loser] = time < shortest ? [candidate, best] : [best, candidate];
    loser?.close();
    best = winner;
    shortest = Math.min(time, shortest);
  }
  return best!;
}

async function openPeak(context: GpuContext, timer: PassTimer | undefined, unrolled: number): Promise<PeakWorkload> {
  const { device } = context;
  const kind = context.adapter.software ? 'software' : 'hardware';
  const workgroups = WORKGROUPS[kind];
  const mixes = CHAINS.map((chain, index) => `${chain} = mix(${chain}, ${CHAINS[(index + 3) % CHAINS.length]});`);
  const body = Array.from({ length: unrolled }, () => mixes.join(' ')).join('\n    ');
  const pipeline = await context.guard(
    context.pipelines.get({
      label: 'integer peak',
      pieces: [{ file: 'bench/peak.wgsl', text: peakText.replace('UNROLLED', body) }],
      switches: { SLOW_SHIFTS: context.adapter.software },
    }),
  );
  const rounds = await context.createBuffer(
    'peak rounds',
    GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    Uint32Array.of(MIXES[kind] / unrolled, 1, 0, 0),
  );
  const output = await context.createBuffer(
    'peak output',
    GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    workgroups * WORKGROUP_SIZE * 4,
  );
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [rounds, output].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const dispatch = async (repeats: number) => {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const encoder = device.createCommandEncoder({ label: 'integer peak' });
      const pass = encoder.beginComputePass({ label: 'integer peak' });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(workgroups);
      pass.end();
      device.queue.submit([encoder.finish()]);
    }
    await context.idle();
  };
  return {
    name: 'integer-peak',
    operations: workgroups * WORKGROUP_SIZE * MIXES[kind] * CHAINS.length * OPERATIONS_PER_MIX,
    run: (repeats) => (timer?.span ?? timed).call(timer, () => dispatch(repeats)),
    /** The last thread's word, computed here too: a compiler that skips work would be found out. */
    async verify() {
      const last = workgroups * WORKGROUP_SIZE - 1;
      const [found] = new Uint32Array(await context.guard(context.readback.read(output, last * 4, 4)));
      const correct = found === outputOf(last, MIXES[kind]);
      return { correct, chance: correct ? 1 : 0 };
    },
    close() {
      context.destroyBuffer(rounds);
      context.destroyBuffer(output);
    },
  };
}

/** What peak.wgsl writes for a thread. */
function outputOf(thread: number, mixes: number): number {
  const key = (Math.imul(thread, 0x9e3779b9) + 1) | 0;
  const seeds = [0, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0x082efa98];
  const chains = Int32Array.from(seeds, (seed) => key ^ seed);
  for (let mix = 0; mix < mixes; mix++) {
    for (let index = 0; index < chains.length; index++) {
      const x = chains[index]!;
      const y = chains[(index + 3) % chains.length]!;
      const a = ((x ^ (x >>> 9)) + y) | 0;
      const b = ((a << 3) + x) | 0;
      chains[index] = (b | y) ^ (a & x);
    }
  }
  return chains.reduce((word, chain) => word ^ chain) >>> 0;
}
