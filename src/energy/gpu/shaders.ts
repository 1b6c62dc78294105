import shiftsText from '../../../shaders/arithmetic/shifts.wgsl?raw';
import wideText from '../../../shaders/arithmetic/wide.wgsl?raw';
import addFieldText from '../../../shaders/energy/add-field.wgsl?raw';
import leakyStepText from '../../../shaders/energy/leaky-step.wgsl?raw';
import normalsText from '../../../shaders/energy/normals.wgsl?raw';
import ratesText from '../../../shaders/energy/rates.wgsl?raw';
import residualText from '../../../shaders/energy/residual.wgsl?raw';
import rhoText from '../../../shaders/energy/rho.wgsl?raw';
import tickText from '../../../shaders/energy/tick.wgsl?raw';
import normalText from '../../../shaders/random/normal.wgsl?raw';
import philoxText from '../../../shaders/random/philox.wgsl?raw';
import type { ShaderPiece, ShaderSwitches } from '../../gpu/source.ts';
import { uniformBlock } from '../../gpu/uniforms.ts';
import { NORMAL_FRACTION_BITS, NORMAL_INTERPOLATION_BITS, NORMAL_SEGMENT_BITS } from '../../random/normal.ts';
import type { Network } from '../network.ts';

/** Threads of a workgroup of the kernels that take four units of an example. */
export const UNIT_WORKGROUP = 64;

/** What holds for a whole phase of a batch; the first four values are those that differ from batch to batch. */
export const phaseParams = uniformBlock('PhaseParams', {
  /** β. */
  strength: 'f32',
  /** What changes are multiplied with before they are kept: 1 / β, times the decay of the learning rates. */
  changeScale: 'f32',
  /** First example of the batch, and its number. */
  first: 'u32',
  batch: 'u32',
  epsilon: 'f32',
  /** Standard deviation of synaptic noise, or √(2ε) of Langevin dynamics. */
  noiseScale: 'f32',
  rhoOffset: 'f32',
  rhoSlope: 'f32',
});
/** Bytes at the start of {@link phaseParams} that differ from batch to batch. */
export const BATCH_PARAMS_BYTES = 16;

/** Where a step of the nudged phase is kept; vectors from the start of the history. */
export const slotParams = uniformBlock('SlotParams', { changes: 'u32', rates: 'u32' });

export const layerParams = uniformBlock('LayerParams', {
  /** Examples. */
  rows: 'u32',
  /** Vectors of four units, as they are stored. */
  vectors: 'u32',
  units: 'u32',
  /** Of the layer, counted through the network. */
  firstUnit: 'u32',
});

export const noiseParams = uniformBlock('NoiseParams', { seed: 'u32', purpose: 'u32', firstExample: 'u32' });

export const constants: ShaderPiece = {
  file: 'src/energy/gpu/shaders.ts (constants)',
  text: [
    `const WORKGROUP_SIZE = ${UNIT_WORKGROUP}u;`,
    `const NORMAL_SEGMENT_BITS = ${NORMAL_SEGMENT_BITS}u;`,
    `const NORMAL_INTERPOLATION_BITS = ${NORMAL_INTERPOLATION_BITS}u;`,
    `const NORMAL_UNIT = ${2 ** -NORMAL_FRACTION_BITS}f;`,
  ].join('\n'),
};
export const block = ({ wgsl }: { readonly wgsl: string }): ShaderPiece => ({
  file: 'src/energy/gpu/shaders.ts (parameters)',
  text: wgsl,
});
export const energyPiece = (file: string, text: string): ShaderPiece => ({ file: `shaders/energy/${file}`, text });

const rho = energyPiece('rho.wgsl', rhoText);

/** Stores of products. */
export const leakyStep: readonly ShaderPiece[] = [
  block(phaseParams),
  block(slotParams),
  energyPiece('leaky-step.wgsl', leakyStepText),
  rho,
];
export const addField: readonly ShaderPiece[] = [energyPiece('add-field.wgsl', addFieldText)];

/** Kernels of their own. */
export const ratesKernel: readonly ShaderPiece[] = [
  constants,
  block(layerParams),
  block(phaseParams),
  rho,
  energyPiece('rates.wgsl', ratesText),
];
export const normalsKernel: readonly ShaderPiece[] = [
  constants,
  block(layerParams),
  block(noiseParams),
  { file: 'shaders/arithmetic/shifts.wgsl', text: shiftsText },
  { file: 'shaders/arithmetic/wide.wgsl', text: wideText },
  { file: 'shaders/random/philox.wgsl', text: philoxText },
  { file: 'shaders/random/normal.wgsl', text: normalText },
  energyPiece('normals.wgsl', normalsText),
];
export const residualKernel: readonly ShaderPiece[] = [
  constants,
  block(layerParams),
  energyPiece('residual.wgsl', residualText),
];
export const tickKernel: readonly ShaderPiece[] = [energyPiece('tick.wgsl', tickText)];

/** The switches of rho.wgsl. */
export function rhoSwitches({ rho: { type } }: Network): ShaderSwitches {
  return { HARD_SIGMOID: type === 'hard-sigmoid', LOGISTIC: type === 'logistic' };
}

/** The numbers of rho.wgsl. */
export function rhoNumbers({ rho: form }: Network): { readonly rhoOffset: number; readonly rhoSlope: number } {
  switch (form.type) {
    case 'hard-sigmoid':
      return { rhoOffset: form.beta1, rhoSlope: 1 };
    case 'logistic':
      return { rhoOffset: form.midpoint, rhoSlope: form.slope };
    case 'clip':
      return { rhoOffset: 0, rhoSlope: 1 };
  }
}
