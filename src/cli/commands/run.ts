import { type Command, Option } from 'commander';
import { EngineError } from '../../errors.ts';
import { readSpec } from '../../io/read-spec.ts';
import { parseSpec } from '../../stdp/parse-spec.ts';
import { hasActivities } from '../../stdp/recorded.ts';
import type { ExperimentSpec } from '../../stdp/spec.ts';
import { checkVerdict, runExperiment } from '../experiment.ts';
import { badOption, type CommonOptions, checkOptions, option } from '../options.ts';
import { checkOutputFolder, writeOutputFolder } from '../output-folder.ts';
import { Reporter, withInterrupts, withRuntime } from '../session.ts';
import { writeExperiment } from '../write-experiment.ts';

interface RunOptions extends CommonOptions {
  readonly out: string;
  readonly check?: boolean;
  readonly rates?: boolean;
  readonly trace?: { readonly sequence: number; readonly trial: number };
}

/** `run SPEC.json --out DIR`: one experiment. */
export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('run one experiment')
    .argument('<spec>', 'spec file (JSON); {} is the paper’s experiment')
    .requiredOption('--out <folder>', 'where the results go')
    .addOption(option.seed())
    .addOption(option.runtime())
    .addOption(option.browser())
    .addOption(option.headed())
    .addOption(option.chunk())
    .addOption(new Option('--check', 'compare with the closed form; exit status 1 where it disagrees'))
    .addOption(new Option('--rates', 'also write the rates that the spikes were drawn with'))
    .addOption(option.trace())
    .addOption(option.format())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((spec: string, options: RunOptions) => withInterrupts((signal) => run(spec, options, signal)));
}

async function run(specFile: string, options: RunOptions, signal: AbortSignal): Promise<void> {
  await checkOptions(options);
  const spec = await specWithSeed(specFile, options.seed);
  checkTrace(spec, options.trace);
  checkRecorded(spec, options);
  const identity = { command: 'run', spec };
  await checkOutputFolder(options.out, identity);
  const reporter = new Reporter(options);
  const { result, write } = await withRuntime(options, reporter, signal, async (runtime) => {
    const result = await runExperiment(runtime, {
      spec,
      chunk: options.chunk,
      check: options.check ?? false,
      rates: options.rates ?? false,
      trace: options.trace ?? { sequence: 0, trial: 0 },
      signal,
      label: reporter.quiet ? undefined : 'trials',
    });
    const write = {
      command: 'run',
      format: options.format,
      rates: options.rates ?? false,
      trace: options.trace !== undefined,
      runtime: runtime.description,
    } as const;
    return { result, write };
  });
  const manifest = await writeOutputFolder(options.out, identity, (folder) => writeExperiment(folder, result, write));

  const { simulation, seconds, check } = result;
  const rate = (manifest.totals.trialSteps / seconds.simulation).toExponential(2);
  reporter.line(`${manifest.totals.pairs} pairs from ${manifest.totals.trialSteps} trial-steps, ${rate} per second`);
  if (check) reporter.line(checkVerdict(check));
  reporter.line(`written to ${options.out}`);
  await reporter.summary(manifest);
  if (check && !check.passed) throw new EngineError('check-failed', checkVerdict(check));
  if (simulation.interrupted) {
    const { sequences, trials } = manifest.completed;
    throw new EngineError('aborted', `interrupted; ${options.out} holds ${sequences} sequences × ${trials} trials`);
  }
}

async function specWithSeed(file: string, seed: number | undefined): Promise<ExperimentSpec> {
  const { spec, input } = await readSpec(file);
  return seed === undefined ? spec : parseSpec({ ...(input as object), seed });
}

/** Refuses what recorded spikes have not: a closed form, and without table drives rates. */
function checkRecorded(spec: ExperimentSpec, { check, rates }: RunOptions): void {
  if (check && spec.spikes) {
    throw notOfRecorded('--check', 'recorded spikes have no closed form', 'a spec without spikes');
  }
  if (rates && !hasActivities(spec)) {
    throw notOfRecorded('--rates', 'recorded spikes have no rates', 'a spec with table drives beside them');
  }
}

function notOfRecorded(flag: string, reason: string, expected: string): EngineError {
  return new EngineError('invalid-option', `${flag}: ${reason}; expected ${expected}`, { path: flag, expected });
}

/** Refuses a trial that the spec does not have, before anything runs. */
function checkTrace(spec: ExperimentSpec, trace: RunOptions['trace']): void {
  if (!trace || (trace.sequence < spec.sequences && trace.trial < spec.trials)) return;
  const expected = `a sequence from 0 to ${spec.sequences - 1} and a trial from 0 to ${spec.trials - 1}`;
  throw badOption('--trace', `${trace.sequence}:${trace.trial}`, expected);
}
