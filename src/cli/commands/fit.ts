import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { EngineError } from '../../errors.ts';
import type { Column } from '../../io/csv.ts';
import { openFileJournal } from '../../io/journal-file.ts';
import { jsonText } from '../../io/json-text.ts';
import { readMeasurements } from '../../io/measurements.ts';
import { readSweep } from '../../io/read-sweep.ts';
import { readText } from '../../io/read-text.ts';
import type { CandidatePoint } from '../../stdp/sweep/common-rows.ts';
import type { CurveRule } from '../../stdp/sweep/curve-at.ts';
import { type DataFit, fitData } from '../../stdp/sweep/data-fit.ts';
import type { Journal } from '../../stdp/sweep/journal.ts';
import type { Measurement } from '../../stdp/sweep/measurement.ts';
import { parseSweep } from '../../stdp/sweep/parse-sweep.ts';
import type { SweepPlan } from '../../stdp/sweep/sweep-spec.ts';
import { badOption, type CommonOptions, checkOptions, option } from '../options.ts';
import { checkOutputFolder, holdsResult, MANIFEST, writeOutputFolder } from '../output-folder.ts';
import { Reporter, withInterrupts } from '../session.ts';
import { JOURNAL, runWithRuntime } from '../sweep-session.ts';
import { writeTable } from '../write-table.ts';

interface FitOptions extends CommonOptions {
  readonly over: string;
  readonly out: string;
  readonly rule: CurveRule;
  readonly scale: 'free' | number;
  readonly resamples: number;
}

/** `fit DATA.csv --over SWEEP.json --out DIR`: which points of a sweep explain measurements best. */
export function addFitCommand(program: Command): void {
  program
    .command('fit')
    .description('which points of a sweep explain measured weight changes best')
    .argument('<data>', 'CSV: spike-timing difference (post − pre, ms), weight change, perhaps its standard error')
    .requiredOption('--over <sweep>', 'sweep file (JSON)')
    .requiredOption('--out <folder>', 'where the results go, and the journal of what is finished')
    .addOption(
      new Option('--rule <name>', 'whose curve is compared').choices(['rate', 'spike', 'pair', 'user']).default('rate'),
    )
    .addOption(
      new Option('--scale <factor>', 'what curves are multiplied with: a number > 0, or the best for each point')
        .argParser(scaleOption)
        .default('free'),
    )
    .addOption(
      new Option('--resamples <n>', 'resamples of the bootstrap, at least 40').argParser(resamplesOption).default(1000),
    )
    .addOption(option.seed())
    .addOption(option.runtime())
    .addOption(option.browser())
    .addOption(option.headed())
    .addOption(option.chunk())
    .addOption(option.format())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((data: string, options: FitOptions) => withInterrupts((signal) => fitToData(data, options, signal)));
}

async function fitToData(data: string, options: FitOptions, signal: AbortSignal): Promise<void> {
  await checkOptions(options);
  const measurements = readMeasurements(await readText(data), data);
  const sweep = await sweepWithCurves(options);
  const { rule, scale, resamples, out } = options;
  if (rule === 'user' && !sweep.spec.base.rule) throw badOption('--rule', rule, 'a sweep whose base has a rule');
  const identity = { command: 'fit', spec: { sweep: sweep.spec, measurements, rule, scale, resamples } };
  await checkOutputFolder(out, identity);
  if (!(await holdsResult(out))) {
    await writeOutputFolder(out, identity, (folder) => writeManifest(folder, { ...identity, complete: false }));
  }
  const reporter = new Reporter(options);
  const journal = await openFileJournal(
    join(out, JOURNAL),
    { sweep: JSON.stringify(sweep.spec), version: __PACKAGE_VERSION__ },
    { onRecovered: (bytes) => reporter.line(`${out}: ${bytes} bytes of an entry that was cut off are dropped`) },
  );
  try {
    await runWithRuntime(sweep, options, journal, reporter, signal);
    const { finished } = journal;
    if (finished.size < sweep.points) {
      const done = `${finished.size} of ${sweep.points} points`;
      throw new EngineError('aborted', `interrupted; the same command goes on after ${done}`);
    }
    const points = await candidates(sweep, journal);
    const result = fitData(measurements, points, { rule, scale, resamples, seed: sweep.spec.base.seed });
    const summary = { ...identity, complete: true, ...summaryOf(result, sweep, measurements) };
    await writeOutputFolder(out, identity, async (folder) => {
      await writeTable(join(folder, `fit.${options.format}`), [fitColumns(result, points, sweep)], options.format);
      // Loaded on use: what draws takes longer to load than all else together.
      const { fitFigure } = await import('../figure-files.ts');
      await mkdir(join(folder, 'figures'));
      await writeFile(
        join(folder, 'figures', 'fit.svg'),
        fitFigure(measurements, points[result.best]!, rule, result.points[result.best]!.scale),
      );
      await writeManifest(folder, summary);
    });
    tell(reporter, result, sweep, measurements, points[result.best]!);
    reporter.line(`written to ${out}`);
    await reporter.summary(summary);
  } finally {
    await journal.close();
  }
}

/** The sweep with the measure that a fit needs, and no other than that of `until`. */
async function sweepWithCurves({ over, seed }: FitOptions): Promise<SweepPlan> {
  const { spec } = (await readSweep(over)).plan;
  const base = seed === undefined ? spec.base : { ...spec.base, seed };
  return parseSweep({ ...spec, base, measures: [...(spec.until ? [spec.until.measure] : []), 'curve'] });
}

async function candidates(sweep: SweepPlan, journal: Journal): Promise<CandidatePoint[]> {
  const points: CandidatePoint[] = [];
  for (let index = 0; index < sweep.points; index++) {
    const { values, spec } = sweep.pointAt(index);
    points.push({ values, msPerStep: spec.msPerStep, outcome: await journal.readOutcome(index) });
  }
  return points;
}

function fitColumns(fit: DataFit, points: readonly CandidatePoint[], { paths }: SweepPlan): Column[] {
  const ranks = new Map(fit.ranking.map((point, rank) => [point, rank + 1]));
  return [
    { name: 'point', values: points.map((_, index) => index) },
    ...paths.map((path, axis) => ({ name: path, values: points.map(({ values }) => values[axis]!) })),
    { name: 'rank', values: points.map((_, index) => ranks.get(index) ?? null) },
    { name: 'misfit', values: fit.points.map((point) => point?.misfit ?? null) },
    { name: 'scale', values: fit.points.map((point) => point?.scale ?? null) },
    { name: 'r_squared', values: fit.points.map((point) => point?.rSquared ?? null) },
  ];
}

function summaryOf(fit: DataFit, sweep: SweepPlan, measurements: readonly Measurement[]) {
  return {
    points: sweep.points,
    best: { point: fit.best, ...fit.points[fit.best]! },
    parameters: Object.fromEntries(sweep.paths.map((path, axis) => [path, fit.parameters[axis]!])),
    measurements: { used: fit.rows.length, total: measurements.length, leftOut: fit.leftOutRows },
  };
}

function tell(
  reporter: Reporter,
  fit: DataFit,
  sweep: SweepPlan,
  measurements: readonly Measurement[],
  { values }: CandidatePoint,
): void {
  const { misfit, scale, rSquared } = fit.points[fit.best]!;
  const r2 = rSquared === null ? '' : `, R² ${rSquared.toFixed(3)}`;
  reporter.line(
    `best: point ${fit.best} of ${sweep.points}, misfit ${misfit.toPrecision(4)}${r2}, scale ${scale.toPrecision(4)}`,
  );
  for (const [axis, path] of sweep.paths.entries()) {
    const { low, high, openBelow, openAbove } = fit.parameters[axis]!;
    const edge = openBelow || openAbove ? ' (reaches the edge of the sweep)' : '';
    reporter.line(`${path} ${values[axis]}, 95 % interval ${low.toPrecision(4)} … ${high.toPrecision(4)}${edge}`);
  }
  const left = fit.leftOutRows.length;
  if (left > 0) reporter.line(`${left} of ${measurements.length} measurements lie outside the curves and take no part`);
}

async function writeManifest(folder: string, contents: object): Promise<void> {
  const files = [...(await readdir(folder)), MANIFEST].sort();
  const manifest = { program: 'stdp-webgpu', version: __PACKAGE_VERSION__, ...contents, files };
  await writeFile(join(folder, MANIFEST), `${jsonText(manifest)}\n`);
}

function scaleOption(text: string): 'free' | number {
  const value = Number(text);
  if (text === 'free' || (value > 0 && Number.isFinite(value))) return text === 'free' ? text : value;
  throw badOption('--scale', text, 'free, or a number > 0');
}

function resamplesOption(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 40 && value <= 1e6) return value;
  throw badOption('--resamples', text, 'an integer from 40 to 1000000');
}
