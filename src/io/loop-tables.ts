import { powerOfTwo } from '../numeric/elementary.ts';
import type { LoopPlan } from '../stdp/closed-loop/loop-plan.ts';
import type { LoopPoint, LoopResult } from '../stdp/closed-loop/loop-results.ts';
import type { Column } from './csv.ts';

/** The columns of `loop.csv`: a row a record. */
export function loopColumns({ points }: LoopResult): Column[] {
  const column = (name: string, value: (point: LoopPoint) => number | null): Column => ({
    name,
    values: points.map(value),
  });
  return [
    column('t', ({ t }) => t),
    column('steps', ({ steps }) => steps),
    column('e_ds2', ({ learned }) => learned),
    column('e_ds2_plain', ({ plain }) => plain),
    column('difference', ({ difference }) => difference),
    column('se', ({ se }) => se),
    column('weight_mean', ({ weightMean }) => weightMean),
    column('weight_sd', ({ weightSd }) => weightSd),
  ];
}

/**
 * The columns of `weights.csv`: a row a time and bin, from the start of each record and after the last step; the first
 * bin of a time has no lower edge and the last no upper one.
 */
export function weightColumns({ points, total }: LoopResult, { edges, post, spec }: LoopPlan): Column[] {
  const unit = powerOfTwo(-post.fractionBits);
  const times = [...points, { ...total, t: spec.steps }];
  const rows = times.flatMap(({ t, weights }) => Array.from(weights, (trials, bin) => ({ t, bin, trials })));
  const edge = (index: number) => (index < 0 || index >= edges.length ? null : edges[index]! * unit);
  return [
    { name: 't', values: rows.map(({ t }) => t) },
    { name: 'low', values: rows.map(({ bin }) => edge(bin - 1)) },
    { name: 'high', values: rows.map(({ bin }) => edge(bin)) },
    { name: 'trials', values: rows.map(({ trials }) => trials) },
  ];
}
