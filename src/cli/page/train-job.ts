import { openGpuTrainer } from '../../energy/gpu/gpu-trainer.ts';
import type { Examples, Score, Trainer, TrainingState } from '../../energy/training/trainer.ts';
import type { GpuContext } from '../../gpu/context.ts';
import { unpackMessage } from '../../io/message.ts';
import type { TrainJob } from './protocol.ts';

let trainer: Trainer | undefined;

/** Does what the command line asks of the trainer that lives in the page. */
export async function trainJob(
  job: TrainJob,
  context: GpuContext,
  signal: AbortSignal,
  onProgress: (score: Score) => void,
): Promise<Score | TrainingState | null> {
  switch (job.what) {
    case 'open': {
      const { examples, state } = (await payload()) as { readonly examples: Examples; readonly state: TrainingState };
      trainer?.destroy();
      trainer = await openGpuTrainer(context, job.settings, examples, state);
      return null;
    }
    case 'epoch':
      return opened().runEpoch(job.epoch, { signal, onProgress });
    case 'evaluate': {
      const { examples } = (await payload()) as { readonly examples: Examples };
      return opened().evaluate(examples, { signal, onProgress });
    }
    case 'state':
      return opened().readState();
  }
}

function opened(): Trainer {
  if (!trainer) throw new Error('no trainer is open');
  return trainer;
}

async function payload(): Promise<unknown> {
  return unpackMessage(await (await fetch('/payload')).arrayBuffer());
}
