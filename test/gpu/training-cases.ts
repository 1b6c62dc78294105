import { openGpuTrainer } from '../../src/energy/gpu/gpu-trainer.ts';
import { initialState } from '../../src/energy/training/training-state.ts';
import { examplesOf, requireEpochAsInFloat64, requireResumable, settingsOf } from '../support/energy-epoch.ts';
import { assert, engineErrorOf, type GpuCase } from './case.ts';

export const trainingCases: readonly GpuCase[] = [
  ...(['stdp', 'contrastive'] as const).map(
    (rule): GpuCase => ({
      name: `an epoch with the ${rule} rule changes weights, biases and particles as in float64`,
      run: (context) => requireEpochAsInFloat64(rule, (...given) => openGpuTrainer(context, ...given)),
    }),
  ),
  {
    name: 'a training that goes on from its state ends as one that was not interrupted',
    run: (context) => requireResumable((...given) => openGpuTrainer(context, ...given)),
  },
  {
    name: 'a training that diverges ends at once, with the batch and the likely cause',
    async run(context) {
      const settings = { ...settingsOf('stdp'), rates: [1e7, 1e7, 1e7] };
      const examples = examplesOf(22);
      const trainer = await openGpuTrainer(context, settings, examples, initialState(settings, 22));
      const error = await engineErrorOf('diverged', async () => {
        for (let epoch = 0; epoch < 3; epoch++) await trainer.runEpoch(epoch);
      });
      trainer.destroy();
      assert(/after batch \d+ of epoch \d .*learning rate 10000000 is very large/.test(error.message), error.message);
    },
  },
];
