import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonText } from '../io/json-text.ts';
import { curvesTable, pointsTable, type SweepManifest, sweepManifest } from '../io/sweep-results.ts';
import type { Journal } from '../stdp/sweep/journal.ts';
import type { SweepPlan } from '../stdp/sweep/sweep-spec.ts';
import { MANIFEST } from './output-folder.ts';
import type { RuntimeDescription } from './runtimes/runtime.ts';
import { type TableFormat, writeTable } from './write-table.ts';

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
  { format, runtime, seconds }: SweepWriteOptions,
): Promise<SweepManifest> {
  const totals = { trialSteps: 0, notConverged: 0 };
  if (journal && journal.finished.size > 0) {
    await writeTable(join(folder, `points.${format}`), pointsTable(sweep, journal, totals), format);
    if (sweep.spec.measures.includes('curve')) {
      await writeTable(join(folder, `curves.${format}`), curvesTable(sweep, journal), format);
    }
  }
  const manifest = sweepManifest(sweep, journal?.finished.size ?? 0, totals, {
    files: [...(await readdir(folder)), MANIFEST].sort(),
    runtime: runtime ?? null,
    seconds: seconds ?? null,
  });
  await writeFile(join(folder, MANIFEST), `${jsonText(manifest)}\n`);
  return manifest;
}
