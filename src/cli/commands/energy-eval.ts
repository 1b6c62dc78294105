import { type Command, Option } from 'commander';
import type { Score } from '../../energy/training/trainer.ts';
import { EngineError } from '../../errors.ts';
import { readMnistFolder } from '../../io/mnist-folder.ts';
import { dataOption, examplesOf } from '../energy-options.ts';
import { type CommonOptions, checkOptions, option } from '../options.ts';
import { withScores } from '../score-progress.ts';
import { Reporter, withInterrupts, withRuntime } from '../session.ts';
import { loadTraining } from '../training-checkpoint.ts';

interface EnergyEvalOptions extends CommonOptions {
  readonly data: string;
  readonly checkpoint: string;
}

/** `energy eval --data DIR --checkpoint FILE`: errors of a trained network. */
export function addEnergyEvalCommand(energy: Command): void {
  energy
    .command('eval')
    .description('classify training and test images with a trained network')
    .addOption(dataOption().makeOptionMandatory())
    .addOption(new Option('--checkpoint <file>', 'what energy train wrote').makeOptionMandatory())
    .addOption(option.runtime())
    .addOption(option.browser())
    .addOption(option.headed())
    .addOption(option.quiet())
    .addOption(option.json())
    .action((options: EnergyEvalOptions) => withInterrupts((signal) => evaluate(options, signal)));
}

async function evaluate(options: EnergyEvalOptions, signal: AbortSignal): Promise<void> {
  await checkOptions(options);
  const { settings, epochs, state } = await loadTraining(options.checkpoint);
  const { train, test } = await readMnistFolder(options.data);
  const reporter = new Reporter(options);
  const scores = await withRuntime(options, reporter, signal, async (runtime) => {
    // It learns nothing, so what it would learn from is of no account.
    const examples = examplesOf(test);
    const trainer = await runtime.openTrainer({ ...settings, persistent: false }, examples, {
      ...state,
      particles: [],
    });
    try {
      const of = (set: typeof examples, name: string) =>
        withScores(reporter, name, set.count, (onProgress) => trainer.evaluate(set, { signal, onProgress }));
      return { train: await of(examplesOf(train), 'training images'), test: await of(examples, 'test images') };
    } finally {
      trainer.destroy();
    }
  });
  if (scores.test.examples < test.count || scores.train.examples < train.count) {
    throw new EngineError('aborted', 'interrupted before all images were classified');
  }
  const error = ({ errors, examples }: Score) => errors / examples;
  const report = {
    sizes: settings.sizes,
    epochs: epochs.length,
    train_error: error(scores.train),
    test_error: error(scores.test),
  };
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const network = `${settings.sizes.join('-')} after ${epochs.length} ${epochs.length === 1 ? 'epoch' : 'epochs'}`;
  reporter.line(
    `${network}: ${percent(report.train_error)} of the training images wrong, ${percent(report.test_error)} of the test images`,
  );
  await reporter.summary(report);
}
