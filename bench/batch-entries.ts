import type { BatchEngine } from '../src/stdp/engine.ts';
import { gpuEngine } from '../src/stdp/gpu-engine.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import type { ExperimentSpec } from '../src/stdp/spec.ts';
import { onCpuPath } from './cpu.ts';
import { batchWorkload, roundTripWorkload } from './engine-workloads.ts';
import { type Entry, type Group, type Means, size } from './entry.ts';
import type { Workload } from './workload.ts';

/** The points of a batch, leak by peak rate, each of 10⁵ trial-steps; fewer in a quick benchmark. */
const GRID = 32;
const POINT = { sequences: 5, steps: 160, trials: 125 } as const;
const QUICK_POINT = { ...POINT, sequences: 2 } as const;
/** The same size in one sequence: what a sequence costs whatever its trials, its rates and its tallies, falls on more of them. */
const LONG_POINT = { sequences: 1, steps: 160, trials: 625 } as const;
const QUICK_LONG_POINT = { ...LONG_POINT, trials: 250 } as const;

/** What computes the points, and how the names of its entries begin. */
interface Computing {
  readonly group: string;
  readonly prefix: string;
  readonly where: string;
  readonly needs: Entry['needs'];
  with(means: Means, open: (engine: BatchEngine) => Promise<Workload>): Promise<Workload>;
}

const computing: readonly Computing[] = [
  {
    ...{ group: 'batch', prefix: '', where: 'in common dispatches', needs: 'gpu' },
    with: ({ context }, open) => open(gpuEngine(context!)),
  },
  {
    ...{ group: 'cpu-batch', prefix: 'cpu-', where: 'on the CPU path', needs: 'nothing' },
    with: (_, open) => onCpuPath(open),
  },
];

/** Many small experiments beside one of the same total and one of as many sequences. @param sized the spec with other sizes */
export function batchGroups(sized: (sizes: Partial<ExperimentSpec>) => ExperimentSpec, quick: boolean): Group[] {
  const base = sized({});
  const point = sized(quick ? QUICK_POINT : POINT);
  const longPoint = sized(quick ? QUICK_LONG_POINT : LONG_POINT);
  const sameTotal = sized({ trials: Math.round((GRID ** 2 * size(point)) / (base.sequences * base.steps)) });
  const sameSequences = sized({ sequences: GRID ** 2 * point.sequences, trials: point.trials });
  return computing.map((computing) => {
    const { group, prefix, where, needs } = computing;
    const batch = (name: string, what: string, spec: ExperimentSpec): Entry => ({
      ...{ name, what, kind: 'round-trip', spec, experiments: GRID ** 2, needs },
      open: (means) => computing.with(means, (engine) => batchWorkload(name, engine, pointsOf(spec))),
    });
    const single = (name: string, what: string, spec: ExperimentSpec): Entry => ({
      ...{ name, what, kind: 'round-trip', spec, needs },
      open: (means) => computing.with(means, (engine) => roundTripWorkload(name, engine, spec)),
    });
    return {
      name: group,
      entries: [
        batch(`${prefix}batch-1024`, `1,024 parameter points (leak × peak rate) ${where}`, point),
        batch(
          `${prefix}batch-1024-one-sequence`,
          '1,024 points of the same size, each a single sequence of more trials',
          longPoint,
        ),
        single(`${prefix}single-same-total`, 'one experiment with as many trial-steps as the 1,024 points', sameTotal),
        single(
          `${prefix}single-same-sequences`,
          'one experiment with as many sequences and trial-steps as the 1,024 points',
          sameSequences,
        ),
      ],
    };
  });
}

function pointsOf(spec: ExperimentSpec): ExperimentSpec[] {
  return Array.from({ length: GRID ** 2 }, (_, point) => {
    const epsilon = 0.02 * 1.08 ** (point % GRID);
    const peak = 0.02 * 1.08 ** Math.floor(point / GRID);
    const neuron = (of: ExperimentSpec['pre']) => ({ ...of, epsilon, peak });
    return parseSpec({ ...spec, seed: point, pre: neuron(spec.pre), post: neuron(spec.post) });
  });
}
