import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EngineError } from '../../errors.ts';
import { jsonText } from '../../io/json-text.ts';
import { pairingSchemes } from '../../stdp/pairing-schemes.ts';
import { parseSpec } from '../../stdp/parse-spec.ts';
import type { ExperimentSpec, PairingScheme } from '../../stdp/spec.ts';
import { type ExperimentResult, runExperiment } from '../experiment.ts';
import { abortedError } from '../machine/unless-aborted.ts';
import { type CommonOptions, checkOptions, option } from '../options.ts';
import { checkOutputFolder, MANIFEST, writeOutputFolder } from '../output-folder.ts';
import {
  type Claim,
  claimAgreement,
  claimClosedForm,
  claimExponential,
  claimNoChange,
  claimSameBits,
  claimShape,
} from '../reproduction/claims.ts';
import {
  type LearningResults,
  learningClaims,
  learningFindings,
  learningFolders,
  learningSpecs,
  runLearning,
  writeLearning,
} from '../reproduction/learning.ts';
import type { LearningPart } from '../reproduction/page.ts';
import { claimScheme, compareSchemes, type SchemeResults, schemeColumns } from '../reproduction/schemes.ts';
import { claimFrequency, runTriplets, TRIPLETS_FOLDER, tripletSpecs, writeTriplets } from '../reproduction/triplets.ts';
import { openBestRuntime, openRuntime } from '../runtimes/open.ts';
import type { Runtime, RuntimeDescription, RuntimeName } from '../runtimes/runtime.ts';
import { Reporter, withInterrupts, withRuntime } from '../session.ts';
import { writeExperiment } from '../write-experiment.ts';
import { writeTable } from '../write-table.ts';

/** How each pairing scheme compares with the rate rule. */
const SCHEMES_TABLE = 'schemes.csv';

interface ReproduceOptions extends CommonOptions {
  readonly out: string;
}

type PlainExperiment = 'paper' | 'constant-rate';
/** The paper's pairing scheme has the plain names. */
type OtherScheme = Exclude<PairingScheme, 'nearest-exclusive'>;
type ExperimentName = PlainExperiment | `${PlainExperiment}-${OtherScheme}` | 'small-rates';

/** The experiments of a reproduction, by the name of their folder. */
function experiments(seed: number | undefined): Readonly<Partial<Record<ExperimentName, ExperimentSpec>>> {
  const seeded = (input: object) => parseSpec(seed === undefined ? input : { ...input, seed });
  const constantRate = { trials: 200, post: { drive: { type: 'noise', mean: 0.6, sd: 0 } } };
  const specs: Partial<Record<ExperimentName, ExperimentSpec>> = {
    paper: seeded({}),
    'small-rates': seeded({ sequences: 2000, trials: 500, pre: { peak: 0.01 }, post: { peak: 0.01 } }),
    'constant-rate': seeded(constantRate),
  };
  for (const scheme of pairingSchemes) {
    specs[nameOf('paper', scheme)] ??= seeded({ pairing: { scheme } });
    specs[nameOf('constant-rate', scheme)] ??= seeded({ ...constantRate, pairing: { scheme } });
  }
  return specs;
}

function nameOf(experiment: PlainExperiment, scheme: PairingScheme): ExperimentName {
  return scheme === 'nearest-exclusive' ? experiment : `${experiment}-${scheme}`;
}

/** `reproduce --out DIR`: the figures of the STDP paper with a page that shows them. */
export function addReproduceCommand(program: Command): void {
  program
    .command('reproduce')
    .description('compute the figures of the STDP paper, with a page that shows them')
    .requiredOption('--out <folder>', 'where the results go')
    .addOption(option.seed())
    .addOption(option.runtime())
    .addOption(option.browser())
    .addOption(option.headed())
    .addOption(option.chunk())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((options: ReproduceOptions) => withInterrupts((signal) => reproduce(options, signal)));
}

type Results = Partial<Record<ExperimentName, ExperimentResult>>;

async function reproduce(options: ReproduceOptions, signal: AbortSignal): Promise<void> {
  await checkOptions(options);
  const specs = experiments(options.seed);
  const learning = learningSpecs(options.seed);
  const triplets = tripletSpecs();
  const identity = { command: 'reproduce', spec: { ...specs, triplets, learning } };
  await checkOutputFolder(options.out, identity);
  const reporter = new Reporter(options);
  const started = performance.now();
  const { runtime, results, learned, repeated } = await withRuntime(options, reporter, signal, async (opened) => ({
    runtime: opened.description,
    results: await runAll(opened, specs, options, reporter, signal),
    learned: await runLearning(opened, learning, chunkAnd(options, signal)),
    repeated: await runTriplets(opened, triplets, chunkAnd(options, signal)),
  }));
  const schemes = finishedSchemes(results);
  const comparisons = compareSchemes(schemes);
  const claims = [
    ...claimsOf(results),
    ...comparisons.map(claimScheme),
    ...(repeated ?? []).map(claimFrequency),
    ...(learned ? learningClaims(learned) : []),
    ...(await crossCheck(results.paper, runtime, options, reporter, signal)),
  ];
  const interrupted =
    signal.aborted || Object.keys(results).length < Object.keys(specs).length || !learned || !repeated;
  const summary = {
    program: 'stdp-webgpu',
    version: __PACKAGE_VERSION__,
    command: 'reproduce',
    spec: identity.spec,
    interrupted,
    files: [
      ...Object.keys(results),
      SCHEMES_TABLE,
      ...(learned ? learningFolders : []),
      ...(repeated ? [TRIPLETS_FOLDER] : []),
      'index.html',
      MANIFEST,
    ],
    claims,
    findings: learned ? [learningFindings(learned)] : [],
    runtime,
    timings: { seconds: (performance.now() - started) / 1000, finished: new Date().toISOString() },
  };
  const { paper } = results;
  if (!paper) throw abortedError();
  await writeOutputFolder(options.out, identity, async (folder) => {
    const { reproductionPage } = await import('../reproduction/page.ts');
    for (const [name, result] of Object.entries(results)) {
      await mkdir(join(folder, name));
      await writeExperiment(join(folder, name), result, writeOptions(runtime));
    }
    await writeTable(join(folder, SCHEMES_TABLE), [schemeColumns(comparisons)], 'csv');
    const shown = comparisons.map((comparison) => ({
      ...comparison,
      agreement: schemes[comparison.scheme]!.paper.agreement,
      folder: nameOf('paper', comparison.scheme),
    }));
    const learning = learned ? await learningPart(folder, learned) : undefined;
    const frequency = repeated ? await writeTriplets(folder, repeated) : undefined;
    const page = reproductionPage(paper, claims, shown, runtime, { learning, frequency });
    await writeFile(join(folder, 'index.html'), page);
    await writeFile(join(folder, MANIFEST), `${jsonText(summary)}\n`);
  });

  for (const { statement, found, holds } of claims) reporter.line(`${holds ? '✓' : '✗'} ${statement}\n    ${found}`);
  for (const finding of summary.findings) reporter.line(finding);
  reporter.line(`written to ${options.out}; open ${join(options.out, 'index.html')} to see the figures`);
  await reporter.summary(summary);
  if (interrupted)
    throw new EngineError('aborted', `interrupted; ${options.out} holds the experiments that were finished`);
  const failed = claims.filter(({ holds }) => !holds);
  if (failed.length > 0) {
    throw new EngineError('check-failed', `does not hold: ${failed.map(({ statement }) => statement).join(' ')}`);
  }
}

/** The schemes of which both experiments are there. */
function finishedSchemes(results: Results): Partial<Record<PairingScheme, SchemeResults>> {
  const finished: Partial<Record<PairingScheme, SchemeResults>> = {};
  for (const scheme of pairingSchemes) {
    const paper = results[nameOf('paper', scheme)];
    const constantRate = results[nameOf('constant-rate', scheme)];
    if (paper && constantRate) finished[scheme] = { paper, constantRate };
  }
  return finished;
}

const chunkAnd = ({ chunk }: ReproduceOptions, signal: AbortSignal) => ({
  signal,
  ...(chunk === undefined ? {} : { chunk }),
});

/** Writes the closed loops and threshold crossings, and gives what the page shows of them. */
async function learningPart(folder: string, learned: LearningResults): Promise<LearningPart> {
  return { figures: await writeLearning(folder, learned), findings: learningFindings(learned) };
}

/**
 * Runs the paper's experiment again, on the CPU or, after the CPU, with the WGSL kernels, in software where need be;
 * nothing where the CPU was asked for, or no adapter is there.
 */
async function crossCheck(
  paper: ExperimentResult | undefined,
  { runtime, adapter }: RuntimeDescription,
  options: ReproduceOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Claim[]> {
  if (!paper || options.runtime === 'cpu' || signal.aborted) return [];
  const onSkipped = (name: RuntimeName, reason: string) => reporter.line(`no comparison with ${name}: ${reason}`);
  const other =
    runtime === 'cpu' ? await openBestRuntime(undefined, { preferGpu: true, onSkipped }) : await openRuntime('cpu', {});
  try {
    if (other.description.runtime === runtime) return [];
    reporter.line(`the paper’s experiment again: runtime ${other.description.runtime}, ${other.description.adapter}`);
    const { tallies } = await other.simulate(paper.plan, chunkAnd(options, signal));
    const names = [`${runtime} (${adapter})`, `${other.description.runtime} (${other.description.adapter})`] as const;
    return signal.aborted ? [] : [claimSameBits(paper, tallies, names)];
  } finally {
    await other.close();
  }
}

function claimsOf(results: Results): Claim[] {
  const { paper, 'small-rates': smallRates, 'constant-rate': constantRate } = results;
  return [
    ...(paper
      ? [
          claimShape(paper, 'dwRate', 'STDP paper, Fig. 1 middle (Eq. 1)'),
          claimShape(paper, 'dwPairPerSpike', 'STDP paper, Fig. 1 right (nearest-neighbour rule)'),
          claimAgreement(paper),
        ]
      : []),
    ...(constantRate ? [claimNoChange(constantRate)] : []),
    ...(smallRates ? [claimExponential(smallRates)] : []),
    ...Object.entries(results).map(([name, result]) => claimClosedForm(result, name)),
  ];
}

const writeOptions = (runtime: RuntimeDescription) =>
  ({ command: 'run', format: 'csv', rates: false, trace: true, runtime }) as const;

/** Runs the experiments in turn; an interruption leaves the finished ones. */
async function runAll(
  runtime: Runtime,
  specs: ReturnType<typeof experiments>,
  options: ReproduceOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Results> {
  const results: Results = {};
  for (const [name, spec] of Object.entries(specs) as [ExperimentName, ExperimentSpec][]) {
    if (signal.aborted) break;
    const result = await runExperiment(runtime, {
      spec,
      chunk: options.chunk,
      check: true,
      rates: false,
      trace: { sequence: 0, trial: 0 },
      signal,
      label: reporter.quiet ? undefined : name,
    }).catch((error: unknown) => {
      if (error instanceof EngineError && error.code === 'aborted') return undefined;
      throw error;
    });
    if (!result || result.simulation.interrupted) break;
    reporter.line(`${name}: ${result.curve.pairs} pairs in ${result.seconds.simulation.toFixed(1)} s`);
    results[name] = result;
  }
  return results;
}
