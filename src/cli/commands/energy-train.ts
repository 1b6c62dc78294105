import { access, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { type TrainingSettings, trainingSettings } from '../../energy/training/settings.ts';
import type { Examples, Trainer } from '../../energy/training/trainer.ts';
import { initialState } from '../../energy/training/training-state.ts';
import { EngineError } from '../../errors.ts';
import { readMnistFolder } from '../../io/mnist-folder.ts';
import { dataOption, examplesOf, numberOption, numbersOption, sizesOption } from '../energy-options.ts';
import { errorLine, errorScale } from '../error-line.ts';
import { trainingFigure } from '../figure-files.ts';
import { badOption, type CommonOptions, checkOptions, option } from '../options.ts';
import { requireWritable } from '../output-folder.ts';
import { withScores } from '../score-progress.ts';
import { Reporter, withInterrupts, withRuntime } from '../session.ts';
import {
  type EpochRecord,
  loadTraining,
  requireSameTraining,
  type SavedTraining,
  saveTraining,
} from '../training-checkpoint.ts';

type Settings = Partial<TrainingSettings>;

interface EnergyTrainOptions extends Settings, CommonOptions {
  readonly seed?: number;
  readonly data: string;
  readonly epochs: number;
  readonly checkpoint?: string;
  readonly figure?: string;
  readonly resume?: boolean;
}

const SETTINGS = [
  'sizes',
  'rule',
  'epsilon',
  'freeSteps',
  'nudgedSteps',
  'beta',
  'batch',
  'rates',
  'decay',
  'persistent',
  'seed',
] as const;

/** `energy train --data DIR`: a classifier, by the STDP-compatible rule. */
export function addEnergyTrainCommand(energy: Command): void {
  energy
    .command('train')
    .description('train a network to classify images with the STDP-compatible rule, without back-propagation')
    .addOption(dataOption().makeOptionMandatory())
    .addOption(
      new Option('--epochs <n>', 'passes over the training images').argParser(numberOption('--epochs')).default(5),
    )
    .addOption(
      new Option('--sizes <units>', 'units of each layer; default: the pixels, 500 and 10').argParser(sizesOption()),
    )
    .addOption(
      new Option('--rule <rule>', 'stdp: Σ ṡρ over the nudged phase; contrastive: ρρ at its end minus its start')
        .choices(['stdp', 'contrastive'])
        .default('stdp'),
    )
    .addOption(new Option('--rates <list>', 'learning rate of each connection').argParser(numbersOption('--rates')))
    .addOption(new Option('--beta <number>', 'β of the cost ½ ‖y − d‖²').argParser(numberOption('--beta')))
    .addOption(new Option('--epsilon <number>', 'ε of a step').argParser(numberOption('--epsilon')))
    .addOption(new Option('--free-steps <n>', 'steps of the free phase').argParser(numberOption('--free-steps')))
    .addOption(new Option('--nudged-steps <n>', 'steps of the nudged phase').argParser(numberOption('--nudged-steps')))
    .addOption(new Option('--batch <n>', 'images of a batch').argParser(numberOption('--batch')))
    .addOption(
      new Option('--decay <number>', 'what the rates are multiplied with after an epoch').argParser(
        numberOption('--decay'),
      ),
    )
    .addOption(new Option('--persistent', 'free phases start where the last one of the same image ended, not at 0'))
    .addOption(new Option('--checkpoint <file>', 'write the training here after every epoch'))
    .addOption(new Option('--figure <file>', 'write the chart of errors (SVG) after every epoch'))
    .addOption(new Option('--resume', 'go on from the checkpoint'))
    .addOption(option.seed())
    .addOption(option.runtime())
    .addOption(option.browser())
    .addOption(option.headed())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((options: EnergyTrainOptions) => withInterrupts((signal) => train(options, signal)));
}

async function train(options: EnergyTrainOptions, signal: AbortSignal): Promise<void> {
  await checkOptions(options);
  const { epochs, checkpoint } = options;
  if (!Number.isSafeInteger(epochs) || epochs < 1) throw badOption('--epochs', String(epochs), 'an integer from 1');
  if (options.resume && checkpoint === undefined) throw badOption('--resume', 'true', '--checkpoint with it');
  if (options.figure === '') throw badOption('--figure', '', 'the path of a file');
  if (options.figure !== undefined) await requireWritable('--figure', options.figure);
  const { train: images, test } = await readMnistFolder(options.data);
  const examples = examplesOf(images);
  const given = Object.fromEntries(
    SETTINGS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  ) as Settings;
  const settings = await withFlags(() => trainingSettings({ sizes: [examples.pixels, 500, 10], ...given }));
  const saved = await startOf(options, settings, examples.count);
  const reporter = new Reporter(options);
  const outcome = await withRuntime(options, reporter, signal, async (runtime) => {
    const trainer = await withFlags(() => runtime.openTrainer(settings, examples, saved.state));
    try {
      const records = await runEpochs(trainer, { saved, examples, test: examplesOf(test) }, options, reporter, signal);
      return { records, runtime: runtime.description };
    } finally {
      trainer.destroy();
    }
  });
  const { records, runtime } = outcome;
  await reporter.summary({ settings, examples: examples.count, runtime, epochs: records });
  if (records.length < epochs) {
    const kept = checkpoint === undefined ? '' : `; ${checkpoint} holds them, --resume goes on`;
    throw new EngineError('aborted', `interrupted after ${records.length} whole epochs${kept}`);
  }
}

/** What a training begins with: the checkpoint that it goes on from, or nothing learned. */
async function startOf(
  { checkpoint, resume }: EnergyTrainOptions,
  settings: TrainingSettings,
  examples: number,
): Promise<SavedTraining> {
  const start = { settings, epochs: [], examples, state: initialState(settings, examples) };
  if (checkpoint === undefined) return start;
  if (checkpoint === '') throw badOption('--checkpoint', checkpoint, 'the path of a file');
  const exists = await access(checkpoint).then(
    () => true,
    () => false,
  );
  if (resume) {
    const saved = await loadTraining(checkpoint);
    requireSameTraining(checkpoint, saved, settings, examples);
    return saved;
  }
  if (exists) {
    const expected = 'a file that is not there yet, or --resume to go on from it';
    throw new EngineError('file', `--checkpoint: ${checkpoint} exists; expected ${expected}`, {
      path: '--checkpoint',
      value: checkpoint,
      expected,
    });
  }
  await requireWritable('--checkpoint', checkpoint);
  return start;
}

async function runEpochs(
  trainer: Trainer,
  { saved, examples, test }: { readonly saved: SavedTraining; readonly examples: Examples; readonly test: Examples },
  { epochs, checkpoint, figure }: EnergyTrainOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<readonly EpochRecord[]> {
  const records = [...saved.epochs];
  reporter.line(errorScale);
  for (const record of records) reporter.line(errorLine(record));
  while (records.length < epochs) {
    const epoch = records.length;
    const started = performance.now();
    const learned = await withScores(reporter, `epoch ${epoch + 1}`, examples.count, (onProgress) =>
      trainer.runEpoch(epoch, { signal, onProgress }),
    );
    const seconds = (performance.now() - started) / 1000;
    const tested = await withScores(reporter, 'test', test.count, (onProgress) =>
      trainer.evaluate(test, { signal, onProgress }),
    );
    // Only whole epochs count: what is kept can then be gone on from exactly.
    if (tested.examples < test.count || learned.examples < examples.count) break;
    records.push({
      epoch: epoch + 1,
      train_error: learned.errors / learned.examples,
      test_error: tested.errors / tested.examples,
      train_cost: learned.cost / learned.examples,
      seconds,
    });
    reporter.line(errorLine(records.at(-1)!));
    if (figure !== undefined) await writeFile(figure, trainingFigure(records));
    if (checkpoint === undefined) continue;
    const { settings } = saved;
    await saveTraining(checkpoint, {
      settings,
      epochs: records,
      examples: examples.count,
      state: await trainer.readState(),
    });
  }
  return records;
}

/** Names the flag where a setting is refused. */
async function withFlags<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'invalid-option' || !error.path) throw error;
    const flag = `--${error.path.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const { value, expected } = error;
    const message = error.message.replace(error.path, flag);
    throw new EngineError('invalid-option', message, {
      path: flag,
      value,
      ...(expected === undefined ? {} : { expected }),
    });
  }
}
