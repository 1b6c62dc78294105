import productSumsText from '../../shaders/arithmetic/product-sums.wgsl?raw';
import shiftsText from '../../shaders/arithmetic/shifts.wgsl?raw';
import wideText from '../../shaders/arithmetic/wide.wgsl?raw';
import normalText from '../../shaders/random/normal.wgsl?raw';
import philoxText from '../../shaders/random/philox.wgsl?raw';
import sfc32Text from '../../shaders/random/sfc32.wgsl?raw';
import cellTallyText from '../../shaders/stdp/cell-tally.wgsl?raw';
import countersText from '../../shaders/stdp/counters.wgsl?raw';
import countsText from '../../shaders/stdp/counts.wgsl?raw';
import curveTallyText from '../../shaders/stdp/curve-tally.wgsl?raw';
import driveText from '../../shaders/stdp/drive.wgsl?raw';
import levelsText from '../../shaders/stdp/levels.wgsl?raw';
import probabilityText from '../../shaders/stdp/probability.wgsl?raw';
import rhoText from '../../shaders/stdp/rho.wgsl?raw';
import spikesText from '../../shaders/stdp/spikes.wgsl?raw';
import trialsText from '../../shaders/stdp/trials.wgsl?raw';
import type { ShaderPiece } from '../gpu/source.ts';
import { uniformBlock } from '../gpu/uniforms.ts';
import { PURPOSE } from '../random/address.ts';
import { NORMAL_INTERPOLATION_BITS, NORMAL_SEGMENT_BITS } from '../random/normal.ts';
import { RHO_FRACTION_BITS } from './plan.ts';
import { LOGISTIC_ARGUMENT_BITS, LOGISTIC_LIMIT, LOGISTIC_SEGMENT_BITS } from './rho.ts';

/** Parameter blocks of the kernels: the one description of their layout. */
/** One sequence of a tile. */
export const rowBlock = uniformBlock('Row', {
  /** Which experiment of the tile it belongs to. */
  part: 'u32',
  seed: 'u32',
  sequence: 'u32',
  /** Trials from this one on are left out. */
  endTrial: 'u32',
});

/** Parameters of one neuron of one experiment. */
export const neuronBlock = uniformBlock('NeuronParams', {
  epsilonMantissa: 'u32',
  epsilonShift: 'u32',
  mean: 'i32',
  sd: 'u32',
  startSd: 'u32',
  low: 'i32',
  range: 'u32',
  redrawAtMost: 'u32',
  burnIn: 'u32',
  numerator: 'u32',
  denominator: 'u32',
  increment: 'u32',
  fractionBits: 'u32',
  peak: 'u32',
  beta1: 'i32',
  midpoint: 'i32',
  slopeMantissa: 'u32',
  slopeShift: 'u32',
});

export const driveParams = uniformBlock('DriveParams', {
  rows: 'u32',
  steps: 'u32',
  drivePurpose: 'u32',
  startPurpose: 'u32',
});

export const probabilityParams = uniformBlock('ProbabilityParams', {
  rows: 'u32',
  steps: 'u32',
  words: 'u32',
  /** Row of the planes where this neuron's begin. */
  firstRow: 'u32',
});

export const trialsParams = uniformBlock('TrialsParams', {
  rows: 'u32',
  words: 'u32',
  window: 'u32',
  firstTrial: 'u32',
  trials: 'u32',
  trialsPerThread: 'u32',
  firstRecorded: 'u32',
  endRecorded: 'u32',
  recordedSteps: 'u32',
});

export const tallyParams = uniformBlock('TallyParams', {
  rows: 'u32',
  steps: 'u32',
  bins: 'u32',
  /** D. */
  window: 'u32',
  /** Vectors of four words of counters of a step. */
  stepVectors: 'u32',
  firstRecorded: 'u32',
  recordedSteps: 'u32',
  /** How many steps, and how many vectors of one step, short sums hold (product-sums.wgsl). */
  stepsTogether: 'u32',
  vectorsTogether: 'u32',
});

export const constants: ShaderPiece = {
  file: 'src/stdp/shaders.ts (constants)',
  text: Object.entries({
    NORMAL_SEGMENT_BITS,
    NORMAL_INTERPOLATION_BITS,
    RHO_FRACTION_BITS,
    LOGISTIC_ARGUMENT_BITS,
    LOGISTIC_LIMIT,
    LOGISTIC_SEGMENT_BITS,
    SPIKES_PURPOSE: PURPOSE.spikes,
  })
    .map(([name, value]) => `const ${name} = ${value}u;`)
    .join('\n'),
};

export const piece = (file: string, text: string): ShaderPiece => ({ file: `shaders/${file}`, text });
export const block = ({ wgsl }: { readonly wgsl: string }): ShaderPiece => ({
  file: 'src/stdp/shaders.ts (parameters)',
  text: wgsl,
});

export const shifts = piece('arithmetic/shifts.wgsl', shiftsText);
export const wide = piece('arithmetic/wide.wgsl', wideText);
export const philox = piece('random/philox.wgsl', philoxText);
export const sfc32 = piece('random/sfc32.wgsl', sfc32Text);
export const normal = piece('random/normal.wgsl', normalText);
export const levels = piece('stdp/levels.wgsl', levelsText);
export const rho = piece('stdp/rho.wgsl', rhoText);
/** Sums of products with counts below 2¹³; with any: gpu-many-trials.ts. */
export const productSums = piece('arithmetic/product-sums.wgsl', productSumsText);
const spikes = piece('stdp/spikes.wgsl', spikesText);
/** What reads the counts of trials; with sums of products, what sums them. */
export const counts = piece('stdp/counts.wgsl', countsText);
export const tallying: readonly ShaderPiece[] = [constants, shifts, wide, counts];
const generator = [constants, shifts, wide, philox];
/** What draws spikes, and what draws and counts them. */
export const sampling = [...generator, sfc32, spikes];
export const counting = [...sampling, piece('stdp/counters.wgsl', countersText), block(rowBlock), block(trialsParams)];

/** The pieces of each kernel, in order. */
export interface StdpShaders {
  /** The adapter adds and multiplies much faster than it shifts, as SwiftShader does. Changes no result. */
  readonly slowShifts: boolean;
  /**
   * Trials read the bit planes from a texture, where they fit into one: SwiftShader loads a texel at once, but a vector
   * of a buffer word by word and lane by lane, with a check of each. Changes no result.
   */
  readonly planesInTexture: boolean;
  /** Threads are as many, and do as much each, as suits a CPU. Changes no result. */
  readonly forCpu: boolean;
  readonly noiseDrive: readonly ShaderPiece[];
  readonly levelDrive: readonly ShaderPiece[];
  readonly probability: readonly ShaderPiece[];
  /** `nearest-exclusive` without coincident pairs. */
  readonly trials: readonly ShaderPiece[];
  /** Of other pairings but triplets, in place of those in gpu-schemes.ts. */
  readonly schemeTrials?: readonly ShaderPiece[];
  /** These two without what sums products. */
  readonly curveTally: readonly ShaderPiece[];
  readonly cellTally: readonly ShaderPiece[];
}

const drive = [block(rowBlock), block(neuronBlock), block(driveParams), levels, piece('stdp/drive.wgsl', driveText)];

export const stdpShaders: StdpShaders = {
  slowShifts: false,
  planesInTexture: false,
  forCpu: false,
  noiseDrive: [...generator, normal, ...drive],
  levelDrive: [...generator, ...drive],
  probability: [
    constants,
    shifts,
    wide,
    block(rowBlock),
    block(neuronBlock),
    block(probabilityParams),
    rho,
    piece('stdp/probability.wgsl', probabilityText),
  ],
  trials: [...counting, piece('stdp/trials.wgsl', trialsText)],
  curveTally: [...tallying, block(tallyParams), piece('stdp/curve-tally.wgsl', curveTallyText)],
  cellTally: [...tallying, block(rowBlock), block(tallyParams), piece('stdp/cell-tally.wgsl', cellTallyText)],
};
