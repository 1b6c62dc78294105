import type { TrainingSettings } from '../../energy/training/settings.ts';
import type { Examples, PassOptions, Score, Trainer, TrainingState } from '../../energy/training/trainer.ts';
import { packMessage } from '../../io/message.ts';
import type { TrainJob } from '../page/protocol.ts';

/** Runs a job in the page. @param payload what it fetches from `/payload` */
export type RunTrainJob = (job: TrainJob, payload: Blob | undefined, options: PassOptions) => Promise<unknown>;

/** A trainer in the page, told what to do by jobs: its state stays there between them. */
export async function openPageTrainer(
  run: RunTrainJob,
  settings: TrainingSettings,
  examples: Examples,
  state: TrainingState,
): Promise<Trainer> {
  await run({ kind: 'train', what: 'open', settings }, packMessage({ examples, state }), {});
  return {
    runEpoch: async (epoch, options = {}) =>
      (await run({ kind: 'train', what: 'epoch', epoch }, undefined, options)) as Score,
    evaluate: async (others, options = {}) =>
      (await run({ kind: 'train', what: 'evaluate' }, packMessage({ examples: others }), options)) as Score,
    readState: async () => (await run({ kind: 'train', what: 'state' }, undefined, {})) as TrainingState,
    // The page goes when the runtime is closed, and its device with it.
    destroy: () => undefined,
  };
}
