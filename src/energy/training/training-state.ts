import { glorotUniform } from '../initial.ts';
import { networkOf, type TrainingSettings } from './settings.ts';
import type { TrainingState } from './trainer.ts';

/** Where a training begins: Glorot-uniform weights, biases and (where they persist) particles at 0. @param examples how many */
export function initialState(settings: TrainingSettings, examples: number): TrainingState {
  const network = networkOf(settings);
  const { weights, biases } = glorotUniform(network, settings.seed);
  const owned = (values: Float32Array) => Float32Array.from(values);
  return {
    parameters: { weights: weights.map(owned), biases: biases.map(owned) },
    particles: settings.persistent ? network.sizes.slice(1).map((units) => new Float32Array(units * examples)) : [],
  };
}
