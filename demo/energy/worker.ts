import { openCpuTrainer } from '../../src/energy/cpu/cpu-trainer.ts';
import { openGpuTrainer } from '../../src/energy/gpu/gpu-trainer.ts';
import { type TrainingSettings, trainingSettings } from '../../src/energy/training/settings.ts';
import type { Examples, Trainer } from '../../src/energy/training/trainer.ts';
import { initialState } from '../../src/energy/training/training-state.ts';
import { GpuContext } from '../../src/gpu/context.ts';
import { type LabelledImages, mnistAmong, readMnist } from '../../src/io/mnist.ts';
import type { Reply, Request } from './messages.ts';

const MOST_EPOCHS = 25;

let running: AbortController | undefined;

const tell = (reply: Reply) => postMessage(reply);

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  if (data.type === 'stop') running?.abort();
  else void train(data);
});

async function train({ files, rule }: Extract<Request, { type: 'train' }>): Promise<void> {
  running = new AbortController();
  const { signal } = running;
  try {
    const { train: images, test } = await readMnist(mnistAmong(files));
    const examples = examplesOf(images);
    const settings = trainingSettings({ sizes: [examples.pixels, 500, 10], rule });
    const { trainer, adapter, close } = await openTrainer(settings, examples);
    tell({ type: 'started', adapter, examples: examples.count });
    try {
      for (let epoch = 0; epoch < MOST_EPOCHS; epoch++) {
        const started = performance.now();
        const learned = await trainer.runEpoch(epoch, {
          signal,
          onProgress: ({ examples: done, errors }) =>
            tell({ type: 'progress', epoch: epoch + 1, share: done / examples.count, error: errors / done }),
        });
        const tested = await trainer.evaluate(examplesOf(test), { signal });
        if (signal.aborted) break;
        const errors = {
          epoch: epoch + 1,
          train_error: learned.errors / learned.examples,
          test_error: tested.errors / tested.examples,
        };
        tell({ type: 'epoch', errors, seconds: (performance.now() - started) / 1000 });
      }
    } finally {
      trainer.destroy();
      close();
    }
    tell({ type: 'stopped' });
  } catch (error) {
    tell({ type: 'refused', message: error instanceof Error ? error.message : String(error) });
  } finally {
    running = undefined;
  }
}

/** On the GPU where there is one in hardware; a software adapter is slower than WebAssembly. */
async function openTrainer(
  settings: TrainingSettings,
  examples: Examples,
): Promise<{ readonly trainer: Trainer; readonly adapter: string; close(): void }> {
  const state = initialState(settings, examples.count);
  const context = await GpuContext.create({ powerPreference: 'high-performance' }).catch(() => undefined);
  if (context && !context.adapter.software) {
    const trainer = await openGpuTrainer(context, settings, examples, state);
    return { trainer, adapter: context.adapter.name, close: () => context.destroy() };
  }
  context?.destroy();
  const trainer = await openCpuTrainer(settings, examples, state);
  return { trainer, adapter: 'the CPU, with WebAssembly SIMD', close: () => undefined };
}

function examplesOf({ count, rows, columns, images, labels }: LabelledImages): Examples {
  return { count, pixels: rows * columns, images, labels };
}
