import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Column } from '../io/csv.ts';
import { jsonText } from '../io/json-text.ts';
import { agreementColumns, curveColumns, rateColumns, sequenceColumns, traceColumns } from '../io/result-tables.ts';
import type { ExperimentResult } from './experiment.ts';
import { MANIFEST } from './output-folder.ts';
import type { RuntimeDescription } from './runtimes/runtime.ts';
import { type TableFormat, writeTable } from './write-table.ts';

export interface WriteOptions {
  readonly command: string;
  readonly format: TableFormat;
  /** Write `rates`. */
  readonly rates: boolean;
  /** Write `trace`. */
  readonly trace: boolean;
  readonly runtime: RuntimeDescription;
}

/** Writes every file of a finished experiment (SPEC §5) into a folder, the manifest last, and returns the manifest. */
export async function writeExperiment(
  folder: string,
  result: ExperimentResult,
  options: WriteOptions,
): Promise<ExperimentManifest> {
  const started = performance.now();
  const { plan, simulation, curve, agreement, check, trace } = result;
  const table = (name: string, parts: Iterable<readonly Column[]>) =>
    writeTable(join(folder, `${name}.${options.format}`), parts, options.format);
  await table('curve', [curveColumns(curve, check)]);
  if (plan.activities) await table('agreement', [agreementColumns(agreement)]);
  await table('sequences', [sequenceColumns(simulation.tallies, plan)]);
  if (options.rates)
    await table(
      'rates',
      mapped(simulation.rates, (rates) => rateColumns(rates, plan)),
    );
  if (options.trace && trace) await table('trace', [traceColumns(trace, plan.activities)]);

  // Loaded on use: what draws takes longer to load than all else together, and refusals should be prompt.
  const { experimentFigures } = await import('./figure-files.ts');
  await mkdir(join(folder, 'figures'));
  for (const [name, svg] of Object.entries(experimentFigures(result))) {
    await writeFile(join(folder, 'figures', `${name}.svg`), svg);
  }
  const files = [...(await readdir(folder)), MANIFEST].sort();
  const manifest = manifestOf(result, options, files, (performance.now() - started) / 1000);
  await writeFile(join(folder, MANIFEST), `${jsonText(manifest)}\n`);
  return manifest;
}

export type ExperimentManifest = ReturnType<typeof manifestOf>;

/** What a manifest promises of the columns of a user's rule, and of no others. */
const RULE_REPRODUCIBILITY =
  'The columns dw_user and dw_user_se, and the fit, correlation and figures made from them, come from 32-bit float arithmetic: each weight change is rounded to a multiple of step and then summed exactly, so that on another adapter or driver they may differ by the accuracy of its float functions. All else is the same to the last bit everywhere.';

/** The contents of `manifest.json`. Only `runtime` and `timings` differ between runs of one spec. */
function manifestOf(result: ExperimentResult, options: WriteOptions, files: readonly string[], writingSeconds: number) {
  const { plan, simulation, curve, agreement, check, seconds } = result;
  const { tallies, interrupted } = simulation;
  const sum = (values: Uint32Array) => values.reduce((total, value) => total + value, 0);
  const { sequences } = tallies.region;
  return {
    program: 'stdp-webgpu',
    version: __PACKAGE_VERSION__,
    command: options.command,
    spec: plan.spec,
    seed: plan.spec.seed,
    interrupted,
    completed: { sequences, trials: tallies.trials },
    totals: {
      trialSteps: sequences * tallies.trials * plan.spec.steps,
      preSpikes: sum(tallies.preSpikes),
      postSpikes: sum(tallies.postSpikes),
      pairedStepsPreSpikes: curve.presynapticSpikes,
      pairs: curve.pairs,
    },
    agreement: plan.activities ? { correlation: agreement.correlation, fit: agreement.fit } : null,
    ...(plan.rule
      ? {
          rule: {
            ...(plan.activities ? agreement.user : {}),
            step: 2 ** -plan.rule.fractionBits,
            fractionBits: plan.rule.fractionBits,
            reproducibility: RULE_REPRODUCIBILITY,
          },
        }
      : {}),
    check: check ? { passed: check.passed, chance: check.chance, parts: check.parts } : null,
    files,
    runtime: options.runtime,
    timings: {
      simulationSeconds: seconds.simulation,
      analysisSeconds: seconds.analysis,
      writingSeconds,
      finished: new Date().toISOString(),
    },
  };
}

function* mapped<T, U>(values: Iterable<T>, map: (value: T) => U): Iterable<U> {
  for (const value of values) yield map(value);
}
