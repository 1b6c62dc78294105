import { type Command, Option } from 'commander';
import type { ModelMeasures } from '../../generative/measure-model.ts';
import type { LikelihoodEstimate } from '../../generative/reference/parzen.ts';
import { badOption, type CommonOptions, checkOptions, countOption, option } from '../options.ts';
import { requireWritable } from '../output-folder.ts';
import { withProgress } from '../progress.ts';
import { Reporter, withInterrupts } from '../session.ts';

interface LikelihoodOptions extends Pick<CommonOptions, 'seed' | 'runtime' | 'quiet' | 'json'> {
  readonly data: string;
  readonly samples?: number;
  readonly testImages?: number;
  readonly inpaintImages?: number;
  readonly dump?: string;
}

/** `generative likelihood`: everything about a trained model that is a number. */
export function addGenerativeLikelihoodCommand(generative: Command): void {
  generative
    .command('likelihood')
    .description('measure a model on test images: Parzen likelihoods, log p(x, h) along inference, filled-in pixels')
    .argument('<model>', 'file that `generative train` or `generative export` wrote')
    .requiredOption('--data <folder>', 'the four files of MNIST, plain or .gz')
    .addOption(new Option('--samples <n>', 'samples of the model, default 10000').argParser(countOption('--samples')))
    .addOption(
      new Option('--test-images <n>', 'test images, from the first on; default: all').argParser(
        countOption('--test-images'),
      ),
    )
    .addOption(
      new Option('--inpaint-images <n>', 'test images that are filled in, default 1000').argParser(
        countOption('--inpaint-images'),
      ),
    )
    .addOption(new Option('--dump <folder>', 'write weights, samples and latent states as .npy files'))
    .addOption(option.seed())
    .addOption(option.runtime())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((model: string, options: LikelihoodOptions) => withInterrupts((signal) => measure(model, options, signal)));
}

async function measure(path: string, options: LikelihoodOptions, signal: AbortSignal): Promise<void> {
  await checkOptions(options);
  const { dump } = options;
  if (dump === '') throw badOption('--dump', dump, 'the path of a folder');
  if (dump !== undefined) await requireWritable('--dump', dump);
  const [{ openModel }, { measureModel }, { readMnistFolder }] = await Promise.all([
    import('../generative/open-model.ts'),
    import('../../generative/measure-model.ts'),
    import('../../io/mnist-folder.ts'),
  ]);
  const reporter = new Reporter(options);
  const opened = await openModel(path, options, reporter);
  try {
    const { engine, portable, training } = opened;
    const data = await readMnistFolder(options.data);
    opened.requireImages(data.train, options.data);
    const measures = await withProgress(
      reporter.quiet ? undefined : 'measuring',
      (onProgress) =>
        measureModel(engine, portable, data, {
          ...(training ? { trainingImages: training.images } : {}),
          ...(options.samples === undefined ? {} : { samples: options.samples }),
          ...(options.testImages === undefined ? {} : { testImages: options.testImages }),
          ...(options.inpaintImages === undefined ? {} : { inpaintImages: options.inpaintImages }),
          ...(options.seed === undefined ? {} : { seed: options.seed }),
          signal,
          onProgress,
        }),
      'images',
    );
    for (const line of linesOf(measures)) reporter.line(line);
    if (dump !== undefined) {
      const { writeGenerativeDump } = await import('../generative/write-dump.ts');
      await writeGenerativeDump(dump, opened, data, options.seed ?? 1);
      reporter.line(`weights, samples and states written to ${dump}`);
    }
    await reporter.summary(measures);
  } finally {
    await opened.close();
  }
}

function linesOf({ validated, inpaint, logp_curve: curve, ...measures }: ModelMeasures): string[] {
  const nats = ({ mean, se }: LikelihoodEstimate) => `${mean.toFixed(1)} ± ${se.toFixed(1)}`;
  const likelihoods = [measures, validated].map(
    ({ sigma, chain, directed, real }, k) =>
      `Parzen log-likelihood, σ ${sigma}${k === 1 ? ' (chosen on validation images)' : ''}: chain ${nats(chain)}, directed ${nats(directed)}, real training images ${nats(real)} nats`,
  );
  const share = `${(100 * measures.logp_rising_share).toFixed(1)} % of images end above their start`;
  return [
    ...likelihoods,
    `log p(x, h): ${curve[0]!.toFixed(2)} to ${curve.at(-1)!.toFixed(2)} over ${curve.length - 1} steps, the mean rises in ${measures.logp_rising_steps}; ${share}`,
    ...Object.entries(inpaint.patterns).map(
      ([pattern, { missing_mse, mean_fill_mse, reconstruction_mse }]) =>
        `missing pixels, ${pattern}: squared error ${missing_mse.toFixed(4)}; mean image ${mean_fill_mse.toFixed(4)}, one reconstruction ${reconstruction_mse.toFixed(4)}`,
    ),
  ];
}
