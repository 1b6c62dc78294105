import loopText from '../../../shaders/stdp/closed-loop.wgsl?raw';
import pairingText from '../../../shaders/stdp/closed-loop-pairing.wgsl?raw';
import sumsText from '../../../shaders/stdp/closed-loop-sums.wgsl?raw';
import voltageText from '../../../shaders/stdp/closed-loop-voltage.wgsl?raw';
import type { ShaderPiece, ShaderSwitches } from '../../gpu/source.ts';
import { uniformBlock } from '../../gpu/uniforms.ts';
import { PURPOSE } from '../../random/address.ts';
import { NORMAL_FRACTION_BITS } from '../../random/normal.ts';
import { schemeFlags } from '../pairing-schemes.ts';
import { block, constants, levels, neuronBlock, normal, philox, piece, rho, shifts, wide } from '../shaders.ts';
import type { LoopPlan } from './loop-plan.ts';
import type { LoopPairing } from './loop-spec.ts';

/** Numbers of the drives in {@link loopParams}. */
export const DRIVES = { noise: 0, steps: 1, ramps: 2 } as const;
/** Numbers of the bounds in {@link loopParams}. */
export const BOUNDS = { none: 0, hard: 1, soft: 2 } as const;
/** Most bins of a weight histogram: what the workgroup of a record has room for. */
export const MOST_BINS = 256;

export const loopParams = uniformBlock('LoopParams', {
  seed: 'u32',
  firstTrial: 'u32',
  trials: 'u32',
  burnIn: 'u32',
  steps: 'u32',
  every: 'u32',
  preDrive: 'u32',
  postDrive: 'u32',
  preLogistic: 'u32',
  postLogistic: 'u32',
  etaMantissa: 'u32',
  etaShift: 'u32',
  initialLow: 'i32',
  initialRange: 'u32',
  bounds: 'u32',
  lowWeight: 'i32',
  highWeight: 'i32',
  rangeMantissa: 'u32',
  rangeShift: 'u32',
  rateScale: 'u32',
  preEpsilon: 'u32',
  postEpsilon: 'u32',
  window: 'u32',
});

export const loopSumsParams = uniformBlock('LoopSumsParams', { trials: 'u32', bins: 'u32' });

/** What a trial leaves of a record; Σ ṡ² of its steps and the weight at its start. */
const trialRecord: ShaderPiece = {
  file: 'src/stdp/closed-loop/loop-shaders.ts (record)',
  text: 'struct TrialRecord {\n  learned: vec2<u32>,\n  plain: vec2<u32>,\n  weight: i32,\n}\n',
};

/** Bytes of a `TrialRecord` in an array. */
export const TRIAL_RECORD_BYTES = 24;

function loopConstants(historyWords: number): ShaderPiece {
  const values = {
    NOISE_DRIVE: DRIVES.noise,
    STEPS_DRIVE: DRIVES.steps,
    RAMPS_DRIVE: DRIVES.ramps,
    NO_BOUNDS: BOUNDS.none,
    SOFT_BOUNDS: BOUNDS.soft,
    PRE_DRIVE_PURPOSE: PURPOSE.loopPreDrive,
    POST_DRIVE_PURPOSE: PURPOSE.loopPostDrive,
    PRE_START_PURPOSE: PURPOSE.loopPreStart,
    POST_START_PURPOSE: PURPOSE.loopPostStart,
    LOOP_SPIKES_PURPOSE: PURPOSE.loopSpikes,
    WEIGHT_PURPOSE: PURPOSE.loopWeight,
    NORMAL_FRACTION_BITS,
    HISTORY_WORDS: historyWords,
    MOST_BINS,
  };
  return {
    file: 'src/stdp/closed-loop/loop-shaders.ts (constants)',
    text: Object.entries(values)
      .map(([name, value]) => `const ${name} = ${value}u;`)
      .join('\n'),
  };
}

function pairingConstants(pairing: LoopPairing): ShaderPiece {
  return {
    file: 'src/stdp/closed-loop/loop-shaders.ts (pairing)',
    text: Object.entries(schemeFlags(pairing))
      .map(([name, value]) => `const ${name} = ${value};`)
      .join('\n'),
  };
}

/** The pieces of `closed-loop.wgsl` for a plan, in order, and their switches. */
export function loopKernel(
  { spec, spikes, pre, post }: LoopPlan,
  slowShifts: boolean,
): { readonly pieces: readonly ShaderPiece[]; readonly switches: ShaderSwitches } {
  const { loop, pairing } = spec;
  const pairs = loop.rule === 'pair';
  return {
    pieces: [
      constants,
      loopConstants(pairs ? Math.ceil((2 * pairing.window + 1) / 32) : 1),
      shifts,
      wide,
      philox,
      normal,
      block(neuronBlock),
      block(loopParams),
      levels,
      rho,
      piece('stdp/closed-loop-voltage.wgsl', voltageText),
      ...(pairs ? [pairingConstants(pairing), piece('stdp/closed-loop-pairing.wgsl', pairingText)] : []),
      trialRecord,
      piece('stdp/closed-loop.wgsl', loopText),
    ],
    switches: {
      SLOW_SHIFTS: slowShifts,
      LOGISTIC: pre.rho.type === 'logistic' || post.rho.type === 'logistic',
      SPIKES: spikes,
      PAIRS: pairs,
      SPIKE_RULE: loop.rule === 'spike',
      SPIKE_INPUT: loop.input === 'spike',
    },
  };
}

/** The pieces of `closed-loop-sums.wgsl`, in order. */
export const loopSumsKernel: readonly ShaderPiece[] = [
  shifts,
  wide,
  loopConstants(1),
  block(loopSumsParams),
  trialRecord,
  piece('stdp/closed-loop-sums.wgsl', sumsText),
];
