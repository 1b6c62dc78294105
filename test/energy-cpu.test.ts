import { describe, expect, it } from 'vitest';
import { openCpuTrainer } from '../src/energy/cpu/cpu-trainer.ts';
import { trainingSettings } from '../src/energy/training/settings.ts';
import { initialState } from '../src/energy/training/training-state.ts';
import { examplesOf, requireEpochAsInFloat64, requireResumable, settingsOf } from './support/energy-epoch.ts';
import { errorOf, rejectionOf } from './support/errors.ts';

describe('training on the CPU', () => {
  it.each(['stdp', 'contrastive'] as const)('with the %s rule changes parameters and particles as in float64', (rule) =>
    requireEpochAsInFloat64(rule, openCpuTrainer),
  );

  it('goes on from its state as if it was not interrupted', () => requireResumable(openCpuTrainer));

  it('ends at once when it diverges, with the batch and the likely cause', async () => {
    const settings = { ...settingsOf('stdp'), rates: [1e7, 1e7, 1e7] };
    const trainer = await openCpuTrainer(settings, examplesOf(22), initialState(settings, 22));
    const error = await rejectionOf(trainer.runEpoch(0));
    expect(error.code).toBe('diverged');
    expect(error.message).toMatch(/after batch \d+ of epoch 1 .*learning rate 10000000 is very large/);
  });

  it('refuses settings that cannot be, and examples that do not suit the network', async () => {
    const sizes = [15, 12, 4];
    expect(errorOf(() => trainingSettings({ sizes, epsilon: 0 })).path).toBe('epsilon');
    expect(errorOf(() => trainingSettings({ sizes, rates: [0.1] })).path).toBe('rates');
    expect(errorOf(() => trainingSettings({ sizes, batch: 1.5 })).path).toBe('batch');
    const open = (other: number[]) => {
      const settings = trainingSettings({ sizes: other });
      return rejectionOf(openCpuTrainer(settings, examplesOf(5), initialState(settings, 5)));
    };
    expect((await open([16, 12, 4])).message).toMatch(/images have 15 pixels; expected 15 units of input/);
    expect((await open([15, 12, 3])).message).toMatch(/which have 4 classes; expected 4 outputs or more/);
  });
});
