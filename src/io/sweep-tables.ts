import { hasActivities } from '../stdp/recorded.ts';
import { measuresWithError, type ScalarMeasure } from '../stdp/sweep/measure-names.ts';
import type { PointOutcome } from '../stdp/sweep/outcome.ts';
import type { SweepPlan, SweepPoint } from '../stdp/sweep/sweep-spec.ts';
import type { Column } from './csv.ts';

/** A point of a sweep with what came of it. */
export interface SweepRow {
  readonly point: SweepPoint;
  readonly outcome: PointOutcome;
}

/** The columns of `points.csv` for some finished points: one row a point. */
export function pointColumns(rows: readonly SweepRow[], { spec, paths }: SweepPlan): Column[] {
  const column = (name: string, value: (row: SweepRow) => number | null): Column => ({ name, values: rows.map(value) });
  const hasError = new Set<string>(measuresWithError);
  const scalars = spec.measures.filter((name): name is ScalarMeasure => name !== 'curve');
  return [
    column('point', ({ point }) => point.index),
    ...paths.map((path, axis) => column(path, ({ point }) => point.values[axis]!)),
    column('replicate', ({ point }) => point.replicate),
    // A swept seed has its column already.
    ...(paths.includes('seed') ? [] : [column('seed', ({ point }) => point.spec.seed)]),
    column('trials_used', ({ outcome }) => outcome.trials),
    ...(spec.until ? [column('converged', ({ outcome }) => (outcome.converged ? 1 : 0))] : []),
    ...scalars.flatMap((name) => {
      const value = column(name, ({ outcome }) => outcome.measures[name]?.value ?? null);
      return hasError.has(name)
        ? [value, column(`${name}_se`, ({ outcome }) => outcome.measures[name]?.se ?? null)]
        : [value];
    }),
  ];
}

/** The columns of `curves.csv` for some finished points: the curve of each, one row a spike-timing difference. */
export function curvesColumns(rows: readonly SweepRow[], { spec }: Pick<SweepPlan, 'spec'>): Column[] {
  const points = rows.flatMap(({ point, outcome }) => (outcome.curve ?? []).map((at) => ({ index: point.index, at })));
  type Row = (typeof points)[number];
  const column = (name: string, value: (row: Row) => number | null): Column => ({ name, values: points.map(value) });
  return [
    column('point', ({ index }) => index),
    column('dt', ({ at }) => at.dt),
    column('pairs', ({ at }) => at.pairs),
    ...(hasActivities(spec.base)
      ? [
          column('dw_rate', ({ at }) => at.dwRate),
          column('dw_rate_se', ({ at }) => at.dwRateSe),
          column('dw_spike', ({ at }) => at.dwSpike),
          column('dw_spike_se', ({ at }) => at.dwSpikeSe),
        ]
      : []),
    column('dw_pair', ({ at }) => at.dwPair),
    column('dw_pair_se', ({ at }) => at.dwPairSe),
    ...(spec.base.rule
      ? [column('dw_user', ({ at }) => at.dwUser ?? null), column('dw_user_se', ({ at }) => at.dwUserSe ?? null)]
      : []),
  ];
}
