import { gpuEngine } from '../src/stdp/gpu-engine.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import type { ExperimentSpec } from '../src/stdp/spec.ts';
import { type Rates, wholeRegion } from '../src/stdp/tallies.ts';
import { twinEngine } from '../src/stdp/twin.ts';
import { naiveWorkload } from './baselines/naive.ts';
import { tfjsWorkload } from './baselines/tfjs.ts';
import { batchGroups } from './batch-entries.ts';
import { onCpuPath } from './cpu.ts';
import { residentWorkload, roundTripWorkload } from './engine-workloads.ts';
import { type Entry, type Group, size } from './entry.ts';

/** Trials of 500 sequences: from 10⁶ to 10¹⁰ trial-steps. */
const TRIALS = [12, 125, 1250, 12_500, 125_000];
const SEQUENCES = [10, 32, 100, 320, 1000, 3200, 10_000];
/** Trial-steps of the largest experiments on a software adapter: ten seconds and two. */
const MOST_ON_SOFTWARE = { trials: 1e9, sequences: 2e8 } as const;

/** A single dispatch stays far below what a watchdog allows: a second on a software adapter, 0.1 s on a slow GPU. */
const LARGEST_DISPATCH = { software: 1e8, hardware: 1e9 } as const;

/** Every entry there is. @param software the adapter computes on the CPU, so that sizes stay small. */
export function benchGroups(spec: ExperimentSpec, { quick, software }: { quick: boolean; software: boolean }): Group[] {
  const sized = (sizes: Partial<ExperimentSpec>) => parseSpec({ ...spec, ...sizes });
  const product = (name: string, what: string, of: ExperimentSpec): Entry => ({
    name,
    what,
    kind: 'resident',
    spec: of,
    needs: 'gpu',
    product: true,
    open: ({ context, timer }) =>
      residentWorkload(name, gpuEngine(context!), of, {
        timer,
        pipelined: true,
        largestDispatch: LARGEST_DISPATCH[context!.adapter.software ? 'software' : 'hardware'],
      }),
  });
  // A second or so on a software adapter; the time of the baseline is proportional to its size.
  const slow = software ? sized(quick ? { sequences: 32, trials: 128 } : { sequences: 100, trials: 512 }) : spec;
  const small = sized(quick ? { sequences: 1, trials: 400 } : { sequences: 4, trials: 1000 });
  const twinSize = sized({ sequences: quick ? 20 : 100, trials: Math.min(200, spec.trials) });
  const fits = (most: number) => (of: ExperimentSpec) => !software || size(of) <= most;

  return [
    {
      name: 'kernels',
      entries: [
        product('product', 'the product kernel', spec),
        naive('baseline-naive', 'the first kernel that anyone writes', slow, false),
        naive('baseline-naive-blocks', 'the same with all four words of each Philox block used', slow, true),
      ],
    },
    {
      name: 'product-round-trip',
      entries: [
        {
          name: 'product-round-trip',
          what: 'the product as a program runs it',
          kind: 'round-trip',
          spec,
          needs: 'gpu',
          open: ({ context }) => roundTripWorkload('product-round-trip', gpuEngine(context!), spec),
        },
      ],
    },
    ...batchGroups(sized, quick),
    {
      name: numpyEntry.group,
      entries: [
        {
          name: 'cpu',
          what: 'the CPU path of the product, a thread for each core',
          kind: 'resident',
          spec,
          needs: 'nothing',
          open: () => onCpuPath((engine) => residentWorkload('cpu', engine, spec, onCpu)),
        },
        {
          name: 'twin',
          what: 'the readable TypeScript twin, one thread',
          kind: 'resident',
          spec: twinSize,
          needs: 'nothing',
          open: () => residentWorkload('twin', twinEngine(), twinSize, onCpu),
        },
        {
          name: numpyEntry.name,
          what: 'numpy with spike lists and searchsorted, one thread',
          kind: 'resident',
          spec,
          needs: 'python',
          foreign: true,
          open: async ({ numpy }) => numpy!(numpyEntry.name, planExperiment(spec), await ratesOf(spec)),
        },
      ],
    },
    {
      name: 'tfjs-webgpu',
      entries: [
        {
          name: 'tfjs-webgpu',
          what: 'TensorFlow.js on its WebGPU backend',
          kind: 'resident',
          spec: small,
          needs: 'gpu',
          foreign: true,
          open: async () => tfjsWorkload('tfjs-webgpu', planExperiment(small), await ratesOf(small)),
        },
      ],
    },
    {
      name: 'by-trials',
      long: true,
      entries: TRIALS.map((trials) => sized({ trials }))
        .filter(fits(MOST_ON_SOFTWARE.trials))
        .map((of) => product(`product-trials-${of.trials}`, 'the product kernel by trials', of)),
    },
    {
      name: 'by-sequences',
      long: true,
      entries: SEQUENCES.map((sequences) => sized({ sequences }))
        .filter(fits(MOST_ON_SOFTWARE.sequences))
        .map((of) => product(`product-sequences-${of.sequences}`, 'the product kernel by sequences', of)),
    },
  ];
}

/** The entry that a browser cannot run. */
export const numpyEntry = { name: 'numpy', group: 'cpu-paths' } as const;

/** What only the command line can measure, in browsers of its own: the wait for the demo page's first curve. */
export const firstCurveName = 'first-curve';

const onCpu = { largestDispatch: Number.POSITIVE_INFINITY, pipelined: false } as const;

function naive(name: string, what: string, spec: ExperimentSpec, wholeBlocks: boolean): Entry {
  return {
    name,
    what,
    kind: 'resident',
    spec,
    needs: 'gpu',
    open: async ({ context, timer }) =>
      naiveWorkload(name, context!, planExperiment(spec), await ratesOf(spec), { wholeBlocks, timer }),
  };
}

/** The rates that baselines are given. */
async function ratesOf(spec: ExperimentSpec): Promise<Rates> {
  const plan = planExperiment(parseSpec({ ...spec, trials: 1 }));
  const tile = await twinEngine().openTile(plan, wholeRegion(plan, 0, spec.sequences));
  return tile.readRates();
}
