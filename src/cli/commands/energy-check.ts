import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { Check } from '../../energy/checks/check.ts';
import type { Measured, NetworkAgreement } from '../../energy/checks/energy-check.ts';
import type { Agreement } from '../../energy/checks/update-agreement.ts';
import { inFloat64 } from '../../energy/reference/held-network.ts';
import { requireSuitable, trainingSettings } from '../../energy/training/settings.ts';
import { initialState } from '../../energy/training/training-state.ts';
import { EngineError } from '../../errors.ts';
import { dataOption, examplesOf, sizesOption } from '../energy-options.ts';
import { badOption, type CommonOptions, checkOptions, option } from '../options.ts';
import { requireWritable } from '../output-folder.ts';
import { withScores } from '../score-progress.ts';
import { Reporter } from '../session.ts';

interface EnergyCheckOptions extends Pick<CommonOptions, 'seed' | 'quiet' | 'json'> {
  readonly sizes: readonly number[];
  readonly data?: string;
  readonly dump?: string;
  readonly figure?: string;
}

/** Units of a layer that a check takes, at most: what float64 on one thread does in a minute. */
const MOST_UNITS = 2000;
/** Nudged steps of a check on the GPU, at most: as many are kept there. */
const MOST_GPU_STEPS = 1000;
/** Test images that a trained network is nudged with. */
const TRAINED_EXAMPLES = 20;

/** `energy check`: the science of energy-based networks as a table with verdicts. */
export function addEnergyCheckCommand(energy: Command): void {
  energy
    .command('check')
    .description('check fixed points, sampling, score matching and early inference as back-propagation, in float64')
    .addOption(
      new Option('--sizes <units>', 'units of each layer, input to output, with commas between them')
        .argParser(sizesOption(MOST_UNITS))
        .default([784, 500, 10], '784,500,10'),
    )
    .addOption(dataOption())
    .addOption(option.seed())
    .addOption(new Option('--dump <folder>', 'write weights, states, gradients and updates as .npy files'))
    .addOption(new Option('--figure <file>', 'write how updates come to agree with the gradient (SVG)'))
    .addOption(option.quiet())
    .addOption(option.json())
    .action(check);
}

async function check(options: EnergyCheckOptions): Promise<void> {
  await checkOptions(options);
  const { sizes, seed = 1, data, dump } = options;
  if (dump === '') throw badOption('--dump', dump, 'the path of a folder');
  if (dump !== undefined) await requireWritable('--dump', dump);
  if (options.figure === '') throw badOption('--figure', '', 'the path of a file');
  if (options.figure !== undefined) await requireWritable('--figure', options.figure);
  const { checkEnergyNetworks } = await import('../../energy/checks/energy-check.ts');
  const reporter = new Reporter(options);
  const started = performance.now();
  const onChecks = (checks: readonly Check[]) => {
    for (const found of checks) reporter.line(checkLine(found));
  };
  const trained = data === undefined ? undefined : await trainedOn(data, sizes, seed, reporter);
  const { report, measured } = checkEnergyNetworks({ sizes, seed, onChecks, ...(trained ? { trained } : {}) });
  for (const line of cosineLines(report.cosines)) reporter.line(line);
  if (dump !== undefined) {
    const { writeEnergyDump } = await import('../write-energy-dump.ts');
    await writeEnergyDump(dump, measured, { seed, weights: trained ? 'trained' : 'initial' });
    reporter.line(`weights, states, gradients and updates written to ${dump}`);
  }
  if (options.figure !== undefined)
    await writeCosines(options.figure, report.cosines, sizes, trained ? 'trained' : 'initial');
  const gpu = await cosinesOnGpu(report.cosines, measured, trained ? 'trained' : 'initial', reporter);
  await reporter.summary({ ...report, gpu_cosines: gpu });
  const failed = report.checks.filter(({ pass }) => !pass);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  reporter.line(`${report.checks.length - failed.length} of ${report.checks.length} checks passed in ${seconds} s`);
  if (failed.length > 0) {
    throw new EngineError('check-failed', `not as the theory says: ${failed.map(({ name }) => name).join('; ')}`);
  }
}

function checkLine({ name, value, target, pass }: Check): string {
  return `${pass ? 'ok  ' : 'FAIL'} ${name}: ${text(value)} (${target})`;
}

/** The whole table of cosines, totals only, for the networks that were asked for and for the depths. */
function cosineLines(cosines: readonly NetworkAgreement[]): string[] {
  const totals = cosines.filter(({ layer, sides }) => layer === 'total' && sides !== 'away');
  return [
    'update of a nudged phase against −dC/dW, all layers: network, weights, β, sides, noise, steps: cosine, right signs, relative distance',
    ...totals.map(({ sizes, weights, nudge, sides, noise, steps, settled, cosine, sign, relative }) => {
      const how = `β ${nudge} ${sides === 'both' ? 'both sides' : 'one side'}${noise > 0 ? `, noise ${noise}` : ''}`;
      const when = `${steps} steps${settled ? ' (settled)' : ''}`;
      return `  ${sizes.join('-')} ${weights}, ${how}, ${when}: ${text(cosine)}, ${text(sign)}, ${text(relative)}`;
    }),
  ];
}

function text(value: number | null): string {
  return value === null ? 'no motion' : `${Number(value.toPrecision(5))}`;
}

/** The cosines of the smallest nudge to one side as a figure. */
async function writeCosines(
  path: string,
  cosines: readonly NetworkAgreement[],
  sizes: readonly number[],
  weights: NetworkAgreement['weights'],
): Promise<void> {
  const { cosineFigure } = await import('../figure-files.ts');
  await writeFile(path, cosineFigure(smallestNudge(cosines, sizes, weights)));
}

/** The agreements of the smallest nudge to one side of one network. */
function smallestNudge(
  cosines: readonly NetworkAgreement[],
  sizes: readonly number[],
  weights: NetworkAgreement['weights'],
): readonly NetworkAgreement[] {
  const nudge = Math.min(...cosines.map((agreement) => agreement.nudge));
  return cosines.filter(
    (of) => of.sizes.join() === sizes.join() && of.weights === weights && of.nudge === nudge && of.sides === 'towards',
  );
}

/** A network after one epoch, and test images to nudge it with. */
async function trainedOn(data: string, sizes: readonly number[], seed: number, reporter: Reporter) {
  const { readMnistFolder } = await import('../../io/mnist-folder.ts');
  const { openCpuTrainer } = await import('../../energy/cpu/cpu-trainer.ts');
  const { train, test } = await readMnistFolder(data);
  const settings = trainingSettings({ sizes, seed });
  const examples = examplesOf(train);
  requireSuitable(settings, examples);
  const trainer = await openCpuTrainer(settings, examples, initialState(settings, examples.count));
  const { errors } = await withScores(reporter, 'epoch 1', examples.count, (onProgress) =>
    trainer.runEpoch(0, { onProgress }),
  );
  reporter.line(`trained for one epoch: ${((100 * errors) / examples.count).toFixed(2)} % of its images wrong`);
  const { parameters } = await trainer.readState();
  const shown = examplesOf(test);
  const count = Math.min(TRAINED_EXAMPLES, shown.count);
  return {
    parameters: inFloat64(parameters),
    examples: Array.from({ length: count }, (_, n) => ({
      input: Float64Array.from(shown.images.subarray(n * shown.pixels, (n + 1) * shown.pixels), (byte) => byte / 255),
      target: Float64Array.from({ length: sizes.at(-1)! }, (__, unit) => (unit === shown.labels[n] ? 1 : 0)),
    })),
  };
}

/** The totals and layers of the smallest nudge to one side, computed again by the WGSL kernels. */
async function cosinesOnGpu(
  cosines: readonly NetworkAgreement[],
  measured: Measured,
  weights: NetworkAgreement['weights'],
  reporter: Reporter,
): Promise<readonly Agreement[]> {
  const { loadDawn } = await import('../machine/dawn.ts');
  const { GpuContext } = await import('../../gpu/context.ts');
  const { agreementOnGpu } = await import('../../energy/checks/gpu-agreement.ts');
  const reference = smallestNudge(cosines, measured.network.sizes, weights);
  const nudge = reference[0]?.nudge ?? 0;
  const steps = [...new Set(reference.map((of) => of.steps))].filter((count) => count <= MOST_GPU_STEPS);
  const dawn = await loadDawn().catch((error: unknown) => {
    reporter.line(`no cosines from the GPU: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (!dawn) return [];
  const context = await GpuContext.create({ gpu: dawn.gpu });
  try {
    reporter.line(
      `cosines on the GPU (${context.adapter.name}, float32) beside those of float64, β ${nudge}, ${weights} weights:`,
    );
    const found: Agreement[] = [];
    for (const count of steps) {
      const agreements = await agreementOnGpu(context, measured, nudge, count);
      found.push(...agreements);
      const texts = agreements.map(({ layer, cosine }) => {
        const other = reference.find((of) => of.layer === layer && of.steps === count);
        return `${layer === 'total' ? layer : `layer ${layer}`} ${text(cosine)} (${text(other?.cosine ?? null)})`;
      });
      reporter.line(`  ${count} steps: ${texts.join(', ')}`);
    }
    return found;
  } finally {
    context.destroy();
  }
}
