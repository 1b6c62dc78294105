import type { Journal } from '../stdp/sweep/journal.ts';
import type { SweepPlan, SweepSpec } from '../stdp/sweep/sweep-spec.ts';
import type { Column } from './csv.ts';
import { curvesColumns, pointColumns, type SweepRow } from './sweep-tables.ts';
import type { TableParts } from './table-parts.ts';

/** Points whose outcomes are in memory at once. */
const PART_POINTS = 1024;

/** What the rows of `points.csv` come to; complete once the table is written. */
export interface SweepTotals {
  trialSteps: number;
  /** Points that ended without the error that `until` asks for. */
  notConverged: number;
}

/** The table of the finished points, in their order. @param totals is added to as rows go by */
export function pointsTable(sweep: SweepPlan, journal: Journal, totals: SweepTotals): TableParts {
  return parts(sweep, journal, (rows) => {
    for (const { point, outcome } of rows) {
      totals.trialSteps += point.spec.sequences * point.spec.steps * outcome.trials;
      if (outcome.converged === false) totals.notConverged++;
    }
    return pointColumns(rows, sweep);
  });
}

/** The table of the finished points' curves, in their order. */
export function curvesTable(sweep: SweepPlan, journal: Journal): TableParts {
  return parts(sweep, journal, (rows) => curvesColumns(rows, sweep));
}

async function* parts(
  sweep: SweepPlan,
  journal: Journal,
  columnsOf: (rows: readonly SweepRow[]) => Column[],
): AsyncIterable<readonly Column[]> {
  const finished = Uint32Array.from(journal.finished).sort();
  for (let first = 0; first < finished.length; first += PART_POINTS) {
    const rows: SweepRow[] = [];
    for (const index of finished.subarray(first, first + PART_POINTS)) {
      rows.push({ point: sweep.pointAt(index), outcome: await journal.readOutcome(index) });
    }
    yield columnsOf(rows);
  }
}

/** What `manifest.json` says of a sweep. */
export interface SweepManifest {
  readonly program: 'stdp-webgpu';
  readonly version: string;
  readonly command: 'sweep';
  readonly spec: SweepSpec;
  readonly complete: boolean;
  readonly points: { readonly finished: number; readonly total: number; readonly notConverged?: number };
  readonly totals: { readonly trialSteps: number };
  readonly files: readonly string[];
  /** What computed; `null` where nothing was left to compute. */
  readonly runtime: object | null;
  /** Seconds of the last call; earlier ones are not counted. */
  readonly timings: { readonly seconds: number | null; readonly finished: string };
}

export function sweepManifest(
  { spec, points }: SweepPlan,
  finished: number,
  totals: SweepTotals,
  facts: Pick<SweepManifest, 'files' | 'runtime'> & { readonly seconds: number | null },
): SweepManifest {
  return {
    program: 'stdp-webgpu',
    version: __PACKAGE_VERSION__,
    command: 'sweep',
    spec,
    complete: finished === points,
    points: { finished, total: points, ...(spec.until ? { notConverged: totals.notConverged } : {}) },
    totals: { trialSteps: totals.trialSteps },
    files: facts.files,
    runtime: facts.runtime,
    timings: { seconds: facts.seconds, finished: new Date().toISOString() },
  };
}
