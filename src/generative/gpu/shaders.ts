import shiftsText from '../../../shaders/arithmetic/shifts.wgsl?raw';
import wideText from '../../../shaders/arithmetic/wide.wgsl?raw';
import activityText from '../../../shaders/generative/activity.wgsl?raw';
import adamText from '../../../shaders/generative/adam.wgsl?raw';
import adamBiasesText from '../../../shaders/generative/adam-biases.wgsl?raw';
import copyText from '../../../shaders/generative/copy.wgsl?raw';
import corruptText from '../../../shaders/generative/corrupt.wgsl?raw';
import gatherText from '../../../shaders/generative/gather.wgsl?raw';
import homeostasisText from '../../../shaders/generative/homeostasis.wgsl?raw';
import jointText from '../../../shaders/generative/joint.wgsl?raw';
import langevinText from '../../../shaders/generative/langevin.wgsl?raw';
import nearestText from '../../../shaders/generative/nearest.wgsl?raw';
import normalsText from '../../../shaders/generative/normals.wgsl?raw';
import parzenFoldText from '../../../shaders/generative/parzen-fold.wgsl?raw';
import poolText from '../../../shaders/generative/pool.wgsl?raw';
import scaleColumnsText from '../../../shaders/generative/scale-columns.wgsl?raw';
import seeThroughText from '../../../shaders/generative/see-through.wgsl?raw';
import spikesText from '../../../shaders/generative/spikes.wgsl?raw';
import squareSumsText from '../../../shaders/generative/square-sums.wgsl?raw';
import statisticsText from '../../../shaders/generative/statistics.wgsl?raw';
import storeActivityText from '../../../shaders/generative/store-activity.wgsl?raw';
import storeAdamText from '../../../shaders/generative/store-adam.wgsl?raw';
import storeDistancesText from '../../../shaders/generative/store-distances.wgsl?raw';
import storeErrorText from '../../../shaders/generative/store-error.wgsl?raw';
import storeInferenceText from '../../../shaders/generative/store-inference.wgsl?raw';
import uniformText from '../../../shaders/generative/uniform.wgsl?raw';
import walkStartText from '../../../shaders/generative/walk-start.wgsl?raw';
import normalText from '../../../shaders/random/normal.wgsl?raw';
import philoxText from '../../../shaders/random/philox.wgsl?raw';
import type { ShaderPiece } from '../../gpu/source.ts';
import { uniformBlock } from '../../gpu/uniforms.ts';
import { NORMAL_FRACTION_BITS, NORMAL_INTERPOLATION_BITS, NORMAL_SEGMENT_BITS } from '../../random/normal.ts';
import { SMALLEST_VARIANCE } from '../reference/regression.ts';
import { SLOTS } from '../reference/walk.ts';
import { adam as adamConstants } from '../training-settings.ts';

/** Threads of a workgroup of the elementwise kernels. */
export const LANES = 64;

/** Parameter blocks: the one description of their layout. "Vectors" are the vectors of four in a padded row. */
export const inferenceParams = uniformBlock('InferenceParams', { delta: 'f32', alpha: 'f32' });
export const rowParams = uniformBlock('RowParams', { rows: 'u32', vectors: 'u32', first: 'u32' });
export const noiseParams = uniformBlock('NoiseParams', {
  seed: 'u32',
  purpose: 'u32',
  rows: 'u32',
  units: 'u32',
  /** Row of the address of the batch's first row. */
  firstRow: 'u32',
  /** Row of the output where the batch begins. */
  outputRow: 'u32',
  /** Slot of an update's time, or the time itself. */
  time: 'u32',
  spikes: 'u32',
  size: 'f32',
});
/** What changes from one update to the next. */
export const clockParams = uniformBlock('ClockParams', { update: 'u32', firstImage: 'u32', statisticsRate: 'f32' });
export const walkParams = uniformBlock('WalkParams', {
  seed: 'u32',
  purpose: 'u32',
  rows: 'u32',
  units: 'u32',
  share: 'f32',
  varianceFactor: 'f32',
});
/** `vectors` of a top state. */
export const nearestParams = uniformBlock('NearestParams', { pool: 'u32', vectors: 'u32' });
export const errorParams = uniformBlock('ErrorParams', { targetRows: 'u32' });
export const adamParams = uniformBlock('AdamParams', {
  weightRate: 'f32',
  biasRate: 'f32',
  firstScale: 'f32',
  secondScale: 'f32',
});
export const homeostasisParams = uniformBlock('HomeostasisParams', {
  rows: 'u32',
  vectors: 'u32',
  rate: 'f32',
  sd: 'f32',
  mean: 'f32',
});
export const foldParams = uniformBlock('FoldParams', {
  centres: 'u32',
  stride: 'u32',
  points: 'u32',
  firstPoint: 'u32',
});

const piece = (file: string, text: string): ShaderPiece => ({ file: `shaders/${file}`, text });
const generative = (file: string, text: string) => piece(`generative/${file}`, text);
const block = ({ wgsl }: { readonly wgsl: string }): ShaderPiece => ({
  file: 'src/generative/gpu/shaders.ts (parameters)',
  text: wgsl,
});

const constants: ShaderPiece = {
  file: 'src/generative/gpu/shaders.ts (constants)',
  text: [
    `const NORMAL_SEGMENT_BITS = ${NORMAL_SEGMENT_BITS}u;`,
    `const NORMAL_INTERPOLATION_BITS = ${NORMAL_INTERPOLATION_BITS}u;`,
    `const NORMAL_FRACTION_BITS = ${NORMAL_FRACTION_BITS}u;`,
    `const SLOTS = ${SLOTS}u;`,
    `const SMALLEST_VARIANCE = ${SMALLEST_VARIANCE};`,
    `const ADAM_DECAY = ${adamConstants.decay};`,
    `const ADAM_SQUARE_DECAY = ${adamConstants.squareDecay};`,
    `const ADAM_EPSILON = ${adamConstants.epsilon};`,
  ].join('\n'),
};

/** Activities of layers; the switch SIGMOID says of which. */
export function activity(hiddenScale: number): ShaderPiece[] {
  const scale = { file: 'src/generative/gpu/shaders.ts (scale)', text: `const HIDDEN_SCALE = f32(${hiddenScale});` };
  return [scale, generative('activity.wgsl', activityText)];
}

const philox = [
  piece('arithmetic/shifts.wgsl', shiftsText),
  piece('arithmetic/wide.wgsl', wideText),
  piece('random/philox.wgsl', philoxText),
];
const normal = piece('random/normal.wgsl', normalText);
const normals = generative('normals.wgsl', normalsText);
const uniform = generative('uniform.wgsl', uniformText);

/** Ends of matrix products; those with activities take {@link activity} before them. */
export const stores = {
  activity: [generative('store-activity.wgsl', storeActivityText)],
  inference: [block(inferenceParams), generative('store-inference.wgsl', storeInferenceText)],
  error: [block(errorParams), generative('store-error.wgsl', storeErrorText)],
  adam: [constants, block(adamParams), generative('adam.wgsl', adamText), generative('store-adam.wgsl', storeAdamText)],
  distances: [generative('store-distances.wgsl', storeDistancesText)],
} satisfies Record<string, readonly ShaderPiece[]>;

/** The pieces of each kernel, in order. */
export const kernels = {
  copy: [block(rowParams), generative('copy.wgsl', copyText)],
  seeThrough: [block(rowParams), generative('see-through.wgsl', seeThroughText)],
  joint: [block(rowParams), generative('joint.wgsl', jointText)],
  gather: [block(rowParams), block(clockParams), generative('gather.wgsl', gatherText)],
  statistics: [block(rowParams), block(clockParams), generative('statistics.wgsl', statisticsText)],
  scaleColumns: [block(rowParams), generative('scale-columns.wgsl', scaleColumnsText)],
  homeostasis: [constants, block(homeostasisParams), generative('homeostasis.wgsl', homeostasisText)],
  adamBiases: [
    constants,
    block(rowParams),
    block(adamParams),
    generative('adam.wgsl', adamText),
    generative('adam-biases.wgsl', adamBiasesText),
  ],
  corrupt: [
    constants,
    ...philox,
    normal,
    block(noiseParams),
    block(clockParams),
    normals,
    generative('corrupt.wgsl', corruptText),
  ],
  spikes: [
    constants,
    ...philox,
    uniform,
    block(noiseParams),
    block(clockParams),
    generative('spikes.wgsl', spikesText),
  ],
  pool: [
    constants,
    ...philox,
    normal,
    block(noiseParams),
    block(clockParams),
    normals,
    generative('pool.wgsl', poolText),
  ],
  squareSums: [block(rowParams), generative('square-sums.wgsl', squareSumsText)],
  nearest: [block(nearestParams), generative('nearest.wgsl', nearestText)],
  walkStart: [
    constants,
    ...philox,
    normal,
    uniform,
    block(walkParams),
    block(clockParams),
    generative('walk-start.wgsl', walkStartText),
  ],
  /** With {@link activity} before it. */
  langevin: [constants, ...philox, normal, block(noiseParams), normals, generative('langevin.wgsl', langevinText)],
  parzenFold: [block(foldParams), generative('parzen-fold.wgsl', parzenFoldText)],
} satisfies Record<string, readonly ShaderPiece[]>;
