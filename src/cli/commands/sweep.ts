import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { EngineError } from '../../errors.ts';
import { duration } from '../../io/duration.ts';
import { openFileJournal } from '../../io/journal-file.ts';
import { readSweep } from '../../io/read-sweep.ts';
import type { Journal } from '../../stdp/sweep/journal.ts';
import { parseSweep } from '../../stdp/sweep/parse-sweep.ts';
import type { SweepPlan } from '../../stdp/sweep/sweep-spec.ts';
import { estimateSeconds, sweepTrialSteps } from '../../stdp/sweep/workload.ts';
import { badOption, type CommonOptions, checkOptions, option } from '../options.ts';
import { checkOutputFolder, holdsResult, writeOutputFolder } from '../output-folder.ts';
import { Reporter, withInterrupts, withRuntime } from '../session.ts';
import { JOURNAL, runWithRuntime } from '../sweep-session.ts';
import { writeSweep } from '../write-sweep.ts';

interface SweepOptions extends CommonOptions {
  readonly out?: string;
  readonly dryRun?: boolean;
}

/** `sweep SWEEP.json --out DIR`: many parameter points; goes on where it stopped. */
export function addSweepCommand(program: Command): void {
  program
    .command('sweep')
    .description('run an experiment at many parameter points; goes on where it stopped')
    .argument('<sweep>', 'sweep file (JSON): base, axes, …; `schema sweep` describes it')
    .option('--out <folder>', 'where the results go, and the journal of what is finished')
    .addOption(new Option('--dry-run', 'tell the number of points, the work and an estimate of the time; run nothing'))
    .addOption(option.seed())
    .addOption(option.runtime())
    .addOption(option.browser())
    .addOption(option.headed())
    .addOption(option.chunk())
    .addOption(option.format())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((file: string, options: SweepOptions) => withInterrupts((signal) => sweep(file, options, signal)));
}

async function sweep(file: string, options: SweepOptions, signal: AbortSignal): Promise<void> {
  await checkOptions(options);
  const plan = await sweepWithSeed(file, options.seed);
  const reporter = new Reporter(options);
  if (options.dryRun) {
    await dryRun(plan, options, reporter, signal);
    return;
  }
  const { out } = options;
  if (out === undefined) throw badOption('--out', '', 'the path of a folder (or --dry-run)');
  const identity = { command: 'sweep', spec: plan.spec };
  await checkOutputFolder(out, identity);
  // The manifest comes first: it marks the folder as this sweep's, should the process be killed.
  if (!(await holdsResult(out))) {
    await writeOutputFolder(out, identity, (folder) => writeSweep(folder, plan, undefined, { format: options.format }));
  }
  const journal = await openFileJournal(
    join(out, JOURNAL),
    { sweep: JSON.stringify(plan.spec), version: __PACKAGE_VERSION__ },
    { onRecovered: (bytes) => reporter.line(`${out}: ${bytes} bytes of an entry that was cut off are dropped`) },
  );
  try {
    await runAndWrite(plan, { ...options, out }, journal, reporter, signal);
  } finally {
    await journal.close();
  }
}

async function runAndWrite(
  plan: SweepPlan,
  options: SweepOptions & { readonly out: string },
  journal: Journal,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  reporter.line(workText(plan));
  const before = journal.finished.size;
  if (before > 0) reporter.line(`${before} points are finished already`);
  const started = performance.now();
  const complete = () => journal.finished.size === plan.points;
  const runtime = await runWithRuntime(plan, options, journal, reporter, signal);
  const seconds = (performance.now() - started) / 1000;
  const identity = { command: 'sweep', spec: plan.spec };
  const manifest = await writeOutputFolder(options.out, identity, (folder) =>
    writeSweep(folder, plan, journal, { format: options.format, seconds, ...(runtime ? { runtime } : {}) }),
  );
  const { finished, total, notConverged } = manifest.points;
  reporter.line(`${finished} of ${total} points, ${manifest.totals.trialSteps} trial-steps, in ${options.out}`);
  if (notConverged) {
    const { measure, se, maxTrials } = plan.spec.until!;
    const error = `an error of ${measure} above ${se}, or with none`;
    reporter.line(`${notConverged} points ended at ${maxTrials} trials with ${error} (converged = 0 in the table)`);
  }
  await reporter.summary(manifest);
  if (!complete()) {
    throw new EngineError('aborted', `interrupted; the same command goes on after ${finished} of ${total} points`);
  }
}

async function dryRun(plan: SweepPlan, options: SweepOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const { runtime, seconds } = await withRuntime(options, reporter, signal, async (opened) => {
    const runner = { run: opened.runShards.bind(opened), close: () => undefined };
    return { runtime: opened.description, seconds: await estimateSeconds(plan, runner) };
  });
  const { until } = plan.spec;
  reporter.line(`${workText(plan)}, ${until ? 'at most ' : ''}about ${duration(seconds)}`);
  await reporter.summary({ points: plan.points, trialSteps: sweepTrialSteps(plan), seconds, runtime });
}

function workText(plan: SweepPlan): string {
  const most = plan.spec.until ? 'at most ' : '';
  return `${plan.points} points, ${most}${sweepTrialSteps(plan).toPrecision(4)} trial-steps`;
}

async function sweepWithSeed(file: string, seed: number | undefined): Promise<SweepPlan> {
  const { plan } = await readSweep(file);
  return seed === undefined ? plan : parseSweep({ ...plan.spec, base: { ...plan.spec.base, seed } });
}
