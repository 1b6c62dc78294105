import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type MissingPattern, missingPatterns } from '../../generative/missing.ts';
import { badOption, type CommonOptions, checkOptions, countOption, option } from '../options.ts';
import { requireWritable } from '../output-folder.ts';
import { Reporter, withInterrupts } from '../session.ts';

interface PictureOptions extends Pick<CommonOptions, 'seed' | 'runtime' | 'quiet' | 'json'> {
  readonly data: string;
  readonly out: string;
  readonly count: number;
  readonly pattern: MissingPattern;
}

/** `generative sample`, `inpaint` and `figures`: what is looked at. */
export function addGenerativePictureCommands(generative: Command): void {
  const model = (name: string, description: string) =>
    generative
      .command(name)
      .description(description)
      .argument('<model>', 'file that `generative train` or `generative export` wrote')
      .requiredOption('--out <folder>', 'where the files go')
      .addOption(option.seed())
      .addOption(option.runtime())
      .addOption(option.quiet())
      .addOption(option.json());
  const data = () => new Option('--data <folder>', 'the four files of MNIST, plain or .gz').makeOptionMandatory();
  const count = (most: number) => new Option('--count <n>', 'images').argParser(countOption('--count')).default(most);
  model('sample', 'draw samples: chain.npy and directed.npy, and a sheet of each')
    .addOption(count(100))
    .action(run(sample));
  model('inpaint', 'take half of the pixels of test images away and fill them in: filled.npy and others, and a sheet')
    .addOption(data())
    .addOption(count(100))
    .addOption(new Option('--pattern <name>', 'which half is missing').choices([...missingPatterns]).default('random'))
    .action(run(inpaint));
  model('figures', "the paper's Fig. 3, 4 and 5 for this model").addOption(data()).action(run(figures));
}

type Picture = (path: string, options: PictureOptions, reporter: Reporter, signal: AbortSignal) => Promise<object>;

function run(picture: Picture): (path: string, options: PictureOptions) => Promise<void> {
  return (path, options) =>
    withInterrupts(async (signal) => {
      await checkOptions(options);
      if (options.out === '') throw badOption('--out', options.out, 'the path of a folder');
      await requireWritable('--out', options.out);
      const reporter = new Reporter(options);
      const summary = await picture(path, options, reporter, signal);
      reporter.line(`written to ${options.out}`);
      await reporter.summary(summary);
    });
}

async function open(path: string, options: PictureOptions, reporter: Reporter) {
  const { openModel } = await import('../generative/open-model.ts');
  return openModel(path, options, reporter);
}

async function openWithData(path: string, options: PictureOptions, reporter: Reporter) {
  const { readMnistFolder } = await import('../../io/mnist-folder.ts');
  const data = await readMnistFolder(options.data);
  const opened = await open(path, options, reporter);
  opened.requireImages(data.train, options.data);
  return { opened, data };
}

const sample: Picture = async (path, { out, count, seed = 1, ...options }, reporter, signal) => {
  const { drawSamples } = await import('../../generative/samples.ts');
  const opened = await open(path, { out, count, ...options }, reporter);
  const { engine, portable } = opened;
  const { model, imageShape, prior, generation } = portable;
  try {
    const draw = { count, seed, signal };
    const samples = await drawSamples(engine, model, prior, generation, draw);
    await mkdir(out, { recursive: true });
    for (const [name, values] of Object.entries(samples)) {
      await writeArray(out, name, values, [count, model.sizes[0]!]);
      await writeSheet(out, name, values, imageShape, SHEET_ACROSS);
    }
    return { count, seed, files: ['chain.npy', 'chain.png', 'directed.npy', 'directed.png'] };
  } finally {
    await opened.close();
  }
};

const SHEET_ACROSS = 20;
/** Images of Fig. 5, for each pattern. */
const FIGURE_IMAGES = 20;

const inpaint: Picture = async (path, options, reporter, signal) => {
  const { damaged, missingError } = await import('../../generative/missing.ts');
  const { opened, data } = await openWithData(path, options, reporter);
  const { engine, portable } = opened;
  const { imageShape, generation } = portable;
  const { out, pattern, seed = 1 } = options;
  try {
    const { pixelsOf } = await import('../../generative/run-training.ts');
    const count = Math.min(options.count, data.test.count);
    const images = pixelsOf(data.test, 0, count);
    const { visible, pixels } = damaged(images, imageShape, pattern, seed);
    const settings = { ...generation.inference, rounds: 20 };
    const filled = await engine.inpaint(pixels, visible, settings, { signal });
    await mkdir(out, { recursive: true });
    for (const [name, values] of Object.entries({ original: images, damaged: pixels, visible, filled })) {
      await writeArray(out, name, values, [count, images.length / count]);
    }
    await writeSheet(out, 'sheet', rowsOfThree(images, pixels, filled, count), imageShape, FIGURE_IMAGES);
    return { count, seed, pattern, missing_mse: missingError(filled, images, visible) };
  } finally {
    await opened.close();
  }
};

/** Rows of originals, of what is left of them, and of what is filled in, in turn. */
function rowsOfThree(images: Float32Array, pixels: Float32Array, filled: Float32Array, count: number): Float32Array {
  const size = images.length / count;
  const rows: number[] = [];
  for (let first = 0; first < count; first += FIGURE_IMAGES) {
    for (const part of [images, pixels, filled]) {
      const row = part.subarray(first * size, (first + FIGURE_IMAGES) * size);
      rows.push(...row, ...new Float32Array(FIGURE_IMAGES * size - row.length));
    }
  }
  return Float32Array.from(rows);
}

const figures: Picture = async (path, options, reporter, signal) => {
  const { opened, data } = await openWithData(path, options, reporter);
  const { out, seed = 1 } = options;
  const { engine, portable } = opened;
  const { model, imageShape, prior, generation } = portable;
  try {
    const [{ drawSamples }, { pixelsOf }, { damaged }, { jointFigure }, { estimateOf }, { paperInference }] =
      await Promise.all([
        import('../../generative/samples.ts'),
        import('../../generative/run-training.ts'),
        import('../../generative/missing.ts'),
        import('../figure-files.ts'),
        import('../../generative/reference/parzen.ts'),
        import('../../generative/inference-settings.ts'),
      ]);
    await mkdir(out, { recursive: true });
    const draw = { count: 200, seed, signal };
    const samples = await drawSamples(engine, model, prior, generation, draw);
    await writeSheet(out, 'fig3-samples', samples.chain, imageShape, SHEET_ACROSS);
    await writeSheet(out, 'fig3-directed-samples', samples.directed, imageShape, SHEET_ACROSS);
    const count = data.test.count;
    const curve = await engine.logJointCurve(
      pixelsOf(data.test, 0, count),
      { ...paperInference, steps: 20 },
      { signal },
    );
    const times = Array.from({ length: curve.length / count }, (_, time) => time);
    const estimates = times.map((time) => estimateOf(curve.subarray(time * count, (time + 1) * count)));
    const images = Array.from({ length: Math.min(12, count) }, (_, n) => times.map((time) => curve[time * count + n]!));
    const figure = { mean: estimates.map(({ mean }) => mean), se: estimates.map(({ se }) => se), images };
    await writeFile(join(out, 'fig4-log-joint.svg'), jointFigure(figure));
    const some = pixelsOf(data.test, 0, Math.min(FIGURE_IMAGES, count));
    const settings = { ...generation.inference, rounds: 20 };
    const rows: number[] = [];
    for (const pattern of missingPatterns) {
      const { visible, pixels } = damaged(some, imageShape, pattern, seed);
      const filled = await engine.inpaint(pixels, visible, settings, { signal });
      rows.push(...rowsOfThree(some, pixels, filled, some.length / model.sizes[0]!));
    }
    await writeSheet(out, 'fig5-missing-pixels', Float32Array.from(rows), imageShape, FIGURE_IMAGES);
    return { seed, log_joint: figure.mean };
  } finally {
    await opened.close();
  }
};

async function writeArray(folder: string, name: string, values: Float32Array, shape: readonly number[]): Promise<void> {
  const { npyBytes } = await import('../../io/npy.ts');
  await writeFile(join(folder, `${name}.npy`), npyBytes(Float64Array.from(values), shape));
}

async function writeSheet(
  folder: string,
  name: string,
  images: Float32Array,
  shape: readonly [number, number],
  across: number,
): Promise<void> {
  const [{ digitSheet }, { greyPng }] = await Promise.all([
    import('../../figures/digit-sheet.ts'),
    import('../../io/png.ts'),
  ]);
  const { pixels, width, height } = digitSheet(images, shape, across);
  await writeFile(join(folder, `${name}.png`), await greyPng(pixels, width, height));
}
