import type { Command } from 'commander';
import { EngineError } from '../errors.ts';
import { parseJson } from '../io/parse-json.ts';
import { readText } from '../io/read-text.ts';
import type { TrialOutcome, TrialRunOptions } from '../stdp/trial-run.ts';
import { abortedError } from './machine/unless-aborted.ts';
import { type CommonOptions, checkOptions, option } from './options.ts';
import { checkOutputFolder, writeOutputFolder } from './output-folder.ts';
import { withProgress } from './progress.ts';
import type { Runtime } from './runtimes/runtime.ts';
import { Reporter, withInterrupts, withRuntime } from './session.ts';
import type { TableFormat } from './write-table.ts';
import { writeTrialManifest } from './write-trials.ts';

/** A computation that sums over trials, as a command: `NAME SPEC.json --out DIR`. */
export interface TrialStudy<Plan extends { readonly spec: { readonly seed: number } }, Sums> {
  readonly name: string;
  readonly description: string;
  /** @throws EngineError `invalid-spec` */
  plan(input: unknown): Plan;
  run(runtime: Runtime, plan: Plan, options: TrialRunOptions): Promise<TrialOutcome<Sums>>;
  /** Writes tables and figures into a folder. @returns totals for the manifest */
  write(folder: string, plan: Plan, sums: Sums, format: TableFormat): Promise<object>;
  /** What was found, in one line. */
  line(plan: Plan, sums: Sums): string;
}

interface TrialOptions extends CommonOptions {
  readonly out: string;
}

/** Adds a study to the program as a command with the options of `run`. */
export function addTrialCommand<Plan extends { readonly spec: { readonly seed: number } }, Sums extends Trials>(
  program: Command,
  study: TrialStudy<Plan, Sums>,
): void {
  program
    .command(study.name)
    .description(study.description)
    .argument('<spec>', `spec file (JSON); \`schema ${study.name}\` describes it`)
    .requiredOption('--out <folder>', 'where the results go')
    .addOption(option.seed())
    .addOption(option.runtime())
    .addOption(option.browser())
    .addOption(option.headed())
    .addOption(option.chunk())
    .addOption(option.format())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((file: string, options: TrialOptions) => withInterrupts((signal) => run(study, file, options, signal)));
}

interface Trials {
  readonly trials: number;
}

async function run<Plan extends { readonly spec: { readonly seed: number } }, Sums extends Trials>(
  study: TrialStudy<Plan, Sums>,
  file: string,
  options: TrialOptions,
  signal: AbortSignal,
): Promise<void> {
  await checkOptions(options);
  const input = parseJson(await readText(file), file);
  const unseeded = study.plan(input);
  const plan = options.seed === undefined ? unseeded : study.plan({ ...(input as object), seed: options.seed });
  const identity = { command: study.name, spec: plan.spec };
  await checkOutputFolder(options.out, identity);
  const reporter = new Reporter(options);
  const started = performance.now();
  const { outcome, runtime } = await withRuntime(options, reporter, signal, async (opened) => {
    const outcome = await withProgress(reporter.quiet ? undefined : 'trials', (onProgress) =>
      study.run(opened, plan, {
        ...(options.chunk === undefined ? {} : { chunk: options.chunk }),
        signal,
        onProgress,
      }),
    );
    return { outcome, runtime: opened.description };
  });
  const { sums, interrupted } = outcome;
  if (sums.trials === 0) {
    throw abortedError();
  }
  const seconds = (performance.now() - started) / 1000;
  const manifest = await writeOutputFolder(options.out, identity, async (folder) => {
    const totals = await study.write(folder, plan, sums, options.format);
    return writeTrialManifest(folder, { ...identity, trials: sums.trials, interrupted, totals, runtime, seconds });
  });
  reporter.line(study.line(plan, sums));
  reporter.line(`written to ${options.out}`);
  await reporter.summary(manifest);
  if (interrupted) throw new EngineError('aborted', `interrupted; ${options.out} holds ${sums.trials} trials`);
}
