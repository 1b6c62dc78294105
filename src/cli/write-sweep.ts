import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Column } from '../io/csv.ts';
import { curvesColumns, pointColumns, type SweepRow } from '../io/sweep-tables.ts';
import type { Journal } from '../stdp/sweep/journal.ts';
import type { SweepPlan } from '../stdp/sweep/sweep-spec.ts';
import { jsonText } from './json-text.ts';
import { MANIFEST } from './output-folder.ts';
import type { RuntimeDescription } from './runtimes/runtime.ts';
import { openTable, type TableFormat, type TableWriter } from './write-table.ts';

/** Points whose outcomes are in memory at once. */
const PART_POINTS = 1024;

export interface SweepWriteOptions {
  readonly format: TableFormat;
  /** Absent before the sweep begins. */
  readonly runtime?: RuntimeDescription;
  /** Seconds of this call; earlier calls are not counted. */
  readonly seconds?: number;
}

/** Writes the tables of what a sweep has finished and its manifest into a folder; returns the manifest. */
export async function writeSweep(
  folder: string,
  sweep: SweepPlan,
  journal: Journal | undefined,
  options: SweepWriteOptions,
): Promise<SweepManifest> {
  const totals =
    journal && journal.finished.size > 0 ? await writeTables(folder, sweep, journal, options.format) : none;
  const finished = journal?.finished.size ?? 0;
  const manifest = {
    program: 'stdp-webgpu',
    version: __PACKAGE_VERSION__,
    command: 'sweep',
    spec: sweep.spec,
    complete: finished === sweep.points,
    points: { finished, total: sweep.points, ...(sweep.spec.until ? { notConverged: totals.notConverged } : {}) },
    totals: { trialSteps: totals.trialSteps },
    files: [...(await readdir(folder)), MANIFEST].sort(),
    runtime: options.runtime ?? null,
    timings: { seconds: options.seconds ?? null, finished: new Date().toISOString() },
  };
  await writeFile(join(folder, MANIFEST), `${jsonText(manifest)}\n`);
  return manifest;
}

export interface SweepManifest {
  readonly complete: boolean;
  readonly points: { readonly finished: number; readonly total: number; readonly notConverged?: number };
  readonly totals: { readonly trialSteps: number };
}

/** Trial-steps of the finished points, and how many of them ended above the error that `until` asks for. */
interface Totals {
  readonly trialSteps: number;
  readonly notConverged: number;
}

const none: Totals = { trialSteps: 0, notConverged: 0 };

/** Writes the tables side by side, so that each outcome is read once. */
async function writeTables(folder: string, sweep: SweepPlan, journal: Journal, format: TableFormat): Promise<Totals> {
  const totals = { ...none };
  const tables: { readonly writer: TableWriter; readonly columnsOf: (rows: readonly SweepRow[]) => Column[] }[] = [];
  const add = async (name: string, columnsOf: (rows: readonly SweepRow[]) => Column[]) => {
    tables.push({ writer: await openTable(join(folder, `${name}.${format}`), format), columnsOf });
  };
  let written = false;
  try {
    await add('points', (rows) => pointColumns(rows, sweep));
    if (sweep.spec.measures.includes('curve')) await add('curves', (rows) => curvesColumns(rows, sweep));
    for await (const rows of parts(sweep, journal)) {
      for (const { point, outcome } of rows) {
        totals.trialSteps += point.spec.sequences * point.spec.steps * outcome.trials;
        if (outcome.converged === false) totals.notConverged++;
      }
      for (const { writer, columnsOf } of tables) await writer.write(columnsOf(rows));
    }
    written = true;
  } finally {
    for (const { writer } of tables) await writer.end(written);
  }
  return totals;
}

/** The finished points in their order, some at a time. */
async function* parts(sweep: SweepPlan, journal: Journal): AsyncIterable<readonly SweepRow[]> {
  const finished = Uint32Array.from(journal.finished).sort();
  for (let first = 0; first < finished.length; first += PART_POINTS) {
    const rows: SweepRow[] = [];
    for (const index of finished.subarray(first, first + PART_POINTS)) {
      rows.push({ point: sweep.pointAt(index), outcome: await journal.readOutcome(index) });
    }
    yield rows;
  }
}
