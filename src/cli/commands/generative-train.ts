import { type Command, Option } from 'commander';
import { EngineError } from '../../errors.ts';
import type { SavedTraining } from '../../generative/model-file.ts';
import { type SettingName, settingNames } from '../../generative/spec.ts';
import { duration } from '../../io/duration.ts';
import { parseJson } from '../../io/parse-json.ts';
import { readText } from '../../io/read-text.ts';
import { badOption, type CommonOptions, checkOptions, countOption, option } from '../options.ts';
import { requireWritable } from '../output-folder.ts';
import { withProgress } from '../progress.ts';
import { Reporter, withInterrupts } from '../session.ts';

interface TrainOptions extends Pick<CommonOptions, 'seed' | 'runtime' | 'quiet' | 'json'> {
  readonly data: string;
  readonly out: string;
  readonly setting?: SettingName;
  readonly epochs?: number;
  readonly images?: number;
  readonly saveEvery?: number;
}

/** `generative train`: TRAIN, to a file that holds the model and all that is needed to go on. */
export function addGenerativeTrainCommand(generative: Command): void {
  generative
    .command('train')
    .description('train on images in the format of MNIST; the same command goes on where it was stopped')
    .argument('[spec]', 'spec file (JSON); `schema generative` describes it')
    .requiredOption('--data <folder>', 'the four files of MNIST, plain or .gz')
    .requiredOption('--out <model>', 'file of the model; written during the training too')
    .addOption(new Option('--setting <name>', 'named setting').choices([...settingNames]))
    .addOption(new Option('--epochs <n>', 'epochs instead of those of the spec').argParser(countOption('--epochs')))
    .addOption(
      new Option('--images <n>', 'training images, from the first on; default: all but the last 10,000').argParser(
        countOption('--images'),
      ),
    )
    .addOption(
      new Option('--save-every <n>', 'updates between two writes of the model').argParser(countOption('--save-every')),
    )
    .addOption(option.seed())
    .addOption(option.runtime())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((spec: string | undefined, options: TrainOptions) =>
      withInterrupts((signal) => train(spec, options, signal)),
    );
}

async function train(specFile: string | undefined, options: TrainOptions, signal: AbortSignal): Promise<void> {
  await checkOptions(options);
  if (options.out === '') throw badOption('--out', options.out, 'the path of a file');
  await requireWritable('--out', options.out);
  const [{ parseGenerativeSpec }, { runTraining, updatesOf }, { defaultTrainingImages }, mnist, files, { openPlace }] =
    await Promise.all([
      import('../../generative/parse-spec.ts'),
      import('../../generative/run-training.ts'),
      import('../../generative/training-images.ts'),
      import('../../io/mnist-folder.ts'),
      import('../generative/training-file.ts'),
      import('../generative/place.ts'),
    ]);
  const input = specFile === undefined ? {} : parseJson(await readText(specFile), specFile);
  const spec = parseGenerativeSpec(overridden(input, options));
  const { train: data } = await mnist.readMnistFolder(options.data);
  const images = options.images ?? defaultTrainingImages(data.count);
  if (images > data.count) {
    throw badOption('--images', String(images), `an integer from 1 to ${data.count}, as many as there are`);
  }
  const from = await files.readTrainingOf(options.out, spec, images);
  const reporter = new Reporter(options);
  const total = updatesOf(spec, images);
  if (from) reporter.line(`goes on after update ${from.state.updates} of ${total}`);
  const started = performance.now();
  const place = await openPlace(options, reporter);
  try {
    const trained = await withProgress(
      reporter.quiet ? undefined : 'training',
      (onProgress) =>
        runTraining(place, spec, data, images, {
          ...(from ? { from } : {}),
          ...(options.saveEvery === undefined ? {} : { saveEvery: options.saveEvery }),
          signal,
          onProgress,
          onSaved: async (training) => {
            await files.writeTraining(options.out, training);
            reporter.line(pointLine(training, total));
          },
        }),
      'images',
    );
    const seconds = (performance.now() - started) / 1000;
    reporter.line(`${trained.state.updates} updates; ${duration(seconds)} here; written to ${options.out}`);
    await reporter.summary({
      spec,
      images,
      updates: trained.state.updates,
      seconds,
      curve: trained.curve,
      runtime: place.description,
    });
  } finally {
    await place.close();
  }
}

function overridden(input: unknown, { setting, seed, epochs }: TrainOptions): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const { training, ...rest } = input as { readonly training?: object };
  return {
    ...rest,
    ...(setting === undefined ? {} : { setting }),
    ...(seed === undefined ? {} : { seed }),
    ...(epochs === undefined && training === undefined
      ? {}
      : { training: { ...training, ...(epochs === undefined ? {} : { epochs }) } }),
  };
}

function pointLine({ curve }: SavedTraining, total: number): string {
  const point = curve.at(-1);
  if (!point) throw new EngineError('diverged', 'nothing was measured');
  const { updates, reconstruction, deepReconstruction, logJoint, topSpread } = point;
  return [
    `update ${updates} of ${total}`,
    `squared error ${reconstruction.toFixed(4)}, through the top ${deepReconstruction.toFixed(4)}`,
    `log p(x, h) ${logJoint[0].toFixed(2)} to ${logJoint[1].toFixed(2)}`,
    `spread of top units ${topSpread.mean.toFixed(2)}, least ${topSpread.least.toFixed(2)}`,
  ].join('; ');
}
