import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Column } from '../io/csv.ts';
import { jsonText } from '../io/json-text.ts';
import { loopColumns, weightColumns } from '../io/loop-tables.ts';
import { thresholdColumns, timingColumns } from '../io/threshold-tables.ts';
import { gammaQ } from '../numeric/tails.ts';
import type { LoopPlan } from '../stdp/closed-loop/loop-plan.ts';
import { loopResult } from '../stdp/closed-loop/loop-results.ts';
import type { LoopSums } from '../stdp/closed-loop/loop-sums.ts';
import type { ThresholdPlan } from '../stdp/threshold/threshold-plan.ts';
import { type ThresholdResult, thresholdResult } from '../stdp/threshold/threshold-results.ts';
import type { ThresholdSums } from '../stdp/threshold/threshold-twin.ts';
import { MANIFEST } from './output-folder.ts';
import type { RuntimeDescription } from './runtimes/runtime.ts';
import { type TableFormat, writeTable } from './write-table.ts';

/** Writes the tables and the figures of a closed loop. @returns totals for the manifest */
export async function writeLoop(folder: string, plan: LoopPlan, sums: LoopSums, format: TableFormat): Promise<object> {
  const result = loopResult(plan, sums);
  await writeTables(folder, format, { loop: loopColumns(result), weights: weightColumns(result, plan) });
  const { loopFigure, weightsFigure } = await import('./figure-files.ts');
  await writeFigure(folder, 'closed-loop', loopFigure(result));
  await writeFigure(folder, 'weights', weightsFigure(result, plan.spec.record));
  const { learned, plain, difference, se, weightMean, weightSd } = result.total;
  return { eDs2: learned, eDs2Plain: plain, difference, se, finalWeight: { mean: weightMean, sd: weightSd } };
}

/** Writes the tables and the figure of threshold crossings. @returns totals for the manifest */
export async function writeThreshold(
  folder: string,
  plan: ThresholdPlan,
  sums: ThresholdSums,
  format: TableFormat,
): Promise<object> {
  const result = thresholdResult(plan, sums);
  await writeTables(folder, format, { threshold: thresholdColumns(result), timing: timingColumns(result) });
  const { crossingFigure } = await import('./figure-files.ts');
  await writeFigure(folder, 'fig1-threshold-crossing', crossingFigure(result, plan.spec.msPerStep));
  const crossings = result.slopes.reduce((sum, point) => sum + point.crossings, 0);
  return { crossings, closedForm: closedFormChance(result) };
}

/** χ² of the mean ΔT of all slopes against the closed form. */
export function closedFormChance({ z }: ThresholdResult): {
  readonly chiSquare: number;
  readonly degrees: number;
  readonly chance: number;
} {
  const known = z.filter((value) => value !== 0);
  const chiSquare = known.reduce((sum, value) => sum + value * value, 0);
  return { chiSquare, degrees: known.length, chance: known.length === 0 ? 1 : gammaQ(known.length / 2, chiSquare / 2) };
}

export interface TrialManifest {
  readonly command: string;
  readonly spec: { readonly seed: number };
  readonly trials: number;
  readonly interrupted: boolean;
  readonly totals: object;
  readonly runtime: RuntimeDescription;
  readonly seconds: number;
}

/** Writes and returns the manifest of a folder that holds all else. Only `runtime` and `timings` differ between runs. */
export async function writeTrialManifest(folder: string, about: TrialManifest): Promise<object> {
  const { command, spec, trials, interrupted, totals, runtime, seconds } = about;
  const manifest = {
    program: 'stdp-webgpu',
    version: __PACKAGE_VERSION__,
    ...{ command, spec, seed: spec.seed, interrupted, completed: { trials }, totals },
    files: [...(await readdir(folder)), MANIFEST].sort(),
    runtime,
    timings: { simulationSeconds: seconds, finished: new Date().toISOString() },
  };
  await writeFile(join(folder, MANIFEST), `${jsonText(manifest)}\n`);
  return manifest;
}

/** Writes tables into a folder, by name. */
export async function writeTables(
  folder: string,
  format: TableFormat,
  tables: Readonly<Record<string, readonly Column[]>>,
): Promise<void> {
  for (const [name, columns] of Object.entries(tables)) {
    await writeTable(join(folder, `${name}.${format}`), [columns], format);
  }
}

/** Writes a figure into the folder `figures` of a folder. */
export async function writeFigure(folder: string, name: string, svg: string): Promise<void> {
  await mkdir(join(folder, 'figures'), { recursive: true });
  await writeFile(join(folder, 'figures', `${name}.svg`), svg);
}
