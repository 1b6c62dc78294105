import { NETWORK_PURPOSE } from '../random/network-purposes.ts';
import type { EngineOptions, ModelEngine } from './engine.ts';
import { type GenerativeModel, type Prior, topUnits } from './model.ts';
import { normalsOf } from './noise.ts';
import { drawTop, type GenerationSettings, type Samples } from './reference/generate.ts';

/** Samples of a model: sample n is a function of the seed and n. @param first number of the first one */
export async function drawSamples(
  engine: ModelEngine,
  model: GenerativeModel,
  prior: Prior,
  settings: GenerationSettings,
  { count, seed, first = 0, ...options }: EngineOptions & { count: number; seed: number; first?: number },
): Promise<Samples<Float32Array>> {
  const address = { seed, purpose: NETWORK_PURPOSE.topStates, time: 0, firstRow: first };
  const top = drawTop(prior, normalsOf(prior.mean, address, count, topUnits(model)));
  return engine.generate(top, settings, options);
}
