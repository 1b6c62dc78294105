import type { Journal, SweepPlan } from '../../src/index.ts';
import { jsonText } from '../../src/io/json-text.ts';
import { curvesTable, pointsTable, sweepManifest } from '../../src/io/sweep-results.ts';
import { arrowOfParts, csvParts, type TableParts } from '../../src/io/table-parts.ts';
import type { SweepFile, TableFormat } from './messages.ts';

/** A file of a sweep as the command line writes it, with its name. */
export async function sweepFile(
  file: SweepFile,
  format: TableFormat,
  plan: SweepPlan,
  journal: Journal,
  facts: { readonly runtime: object | null; readonly seconds: number | null },
): Promise<{ readonly name: string; readonly content: Blob }> {
  const totals = { trialSteps: 0, notConverged: 0 };
  if (file === 'curves') return table('curves', format, curvesTable(plan, journal));
  const points = pointsTable(plan, journal, totals);
  if (file === 'points') return table('points', format, points);
  for await (const _ of points);
  const curves = plan.spec.measures.includes('curve') ? [`curves.${format}`] : [];
  const files = [...curves, 'manifest.json', `points.${format}`];
  const manifest = sweepManifest(plan, journal.finished.size, totals, { ...facts, files });
  return { name: 'manifest.json', content: new Blob([`${jsonText(manifest)}\n`], { type: 'application/json' }) };
}

async function table(name: string, format: TableFormat, parts: TableParts) {
  const type = format === 'csv' ? 'text/csv' : 'application/vnd.apache.arrow.file';
  // A blob of each piece, so that the browser and not this worker holds what is written already.
  const pieces: BlobPart[] = [];
  if (format === 'csv') for await (const text of csvParts(parts)) pieces.push(new Blob([text]));
  else pieces.push((await arrowOfParts(parts)) as Uint8Array<ArrayBuffer>);
  return { name: `${name}.${format}`, content: new Blob(pieces, { type }) };
}
