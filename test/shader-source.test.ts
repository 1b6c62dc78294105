import { describe, expect, test } from 'vitest';
import { type VariableInfo, WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { EngineError } from '../src/errors.ts';
import {
  activity,
  foldParams,
  homeostasisParams,
  kernels as modelKernels,
  nearestParams,
  noiseParams,
  rowParams,
  stores,
  walkParams,
} from '../src/generative/gpu/shaders.ts';
import { preprocess, type ShaderPiece, type ShaderSwitches } from '../src/gpu/source.ts';
import { type ScalarType, type UniformBlock, uniformBlock } from '../src/gpu/uniforms.ts';
import { operands, productParams, registerProduct, tileProduct } from '../src/matrix/shaders.ts';
import { planLoop } from '../src/stdp/closed-loop/loop-plan.ts';
import { loopKernel, loopParams, loopSumsKernel, loopSumsParams } from '../src/stdp/closed-loop/loop-shaders.ts';
import { parseLoopSpec } from '../src/stdp/closed-loop/parse-loop.ts';
import { traceKernel, traceParams } from '../src/stdp/gpu-inspect.ts';
import { countsFoldKernel, countsFoldParams, wideProductSums } from '../src/stdp/gpu-many-trials.ts';
import { heldPlanes, planesKernel, planesParams } from '../src/stdp/gpu-planes.ts';
import { schemeTrials, tripletTrials } from '../src/stdp/gpu-schemes.ts';
import { tripletTally } from '../src/stdp/gpu-triplet.ts';
import { parseSpec } from '../src/stdp/parse-spec.ts';
import { planExperiment } from '../src/stdp/plan.ts';
import { ruleParams, ruleQuantaShader, ruleSumsShader } from '../src/stdp/rule/rule-shaders.ts';
import {
  driveParams,
  probabilityParams,
  productSums,
  stdpShaders,
  tallyParams,
  trialsParams,
} from '../src/stdp/shaders.ts';
import { thresholdKernel, thresholdParams } from '../src/stdp/threshold/gpu-threshold.ts';
import { tripletTallyParams } from '../src/stdp/triplet-params.ts';

const file = 'shaders/test/sample.wgsl';
const codeOf = (text: string, switches?: ShaderSwitches) => preprocess([{ file, text }], switches).code;

describe('preprocess', () => {
  const branches = 'start\n#if A\na\n#elif B\nb\n#else\nc\n#endif\nend';

  test.each([
    [{ A: true, B: true }, 'start\na\nend\n'],
    [{ A: false, B: true }, 'start\nb\nend\n'],
    [{ A: false, B: false }, 'start\nc\nend\n'],
  ])('keeps the first branch that holds: %o', (switches, expected) => {
    expect(codeOf(branches, switches)).toBe(expected);
  });

  test('nests, with indented directives and blank lines', () => {
    const nested = '#if A\n  #if B\nboth\n\n  #else\nonly A\n  #endif\n#else\n  #if B\nonly B\n  #endif\n#endif\nend';
    expect(codeOf(nested, { A: true, B: true })).toBe('both\n\nend\n');
    expect(codeOf(nested, { A: true, B: false })).toBe('only A\nend\n');
    expect(codeOf(nested, { A: false, B: true })).toBe('only B\nend\n');
    expect(codeOf(nested, { A: false, B: false })).toBe('end\n');
  });

  test('takes files with Windows line ends', () => {
    expect(codeOf(branches.replaceAll('\n', '\r\n'), { A: false, B: true })).toBe('start\nb\nend\n');
  });

  test('tells the file, the line in it and the text of every line that is left', () => {
    const source = preprocess(
      [
        { file: 'first.wgsl', text: 'one\ntwo' },
        { file: 'second.wgsl', text: '#if A\nx //@0:9\n#endif\ny' },
        { file: 'third.wgsl', text: branches },
      ],
      { A: false, B: true },
    );
    const origins = source.code
      .trimEnd()
      .split('\n')
      .map((text, index) => ({ text, ...source.origin(index + 1) }));
    expect(origins).toEqual([
      { text: 'one', file: 'first.wgsl', line: 1 },
      { text: 'two', file: 'first.wgsl', line: 2 },
      { text: 'y', file: 'second.wgsl', line: 4 },
      { text: 'start', file: 'third.wgsl', line: 1 },
      { text: 'b', file: 'third.wgsl', line: 5 },
      { text: 'end', file: 'third.wgsl', line: 9 },
    ]);
    expect(source.origin(0)).toBeUndefined();
    expect(source.origin(7)).toBeUndefined();
  });

  test.each<[string, string, ShaderSwitches]>([
    ['a switch that is not given', '#if A\n#endif', {}],
    ['a switch that is not given, in a branch that is dropped', '#if A\n#if B\n#endif\n#endif', { A: false }],
    ['a switch that only every object has', '#if toString\n#endif', {}],
    ['#if without #endif', '#if A\nx', { A: true }],
    ['#endif without #if', 'x\n#endif', {}],
    ['#else without #if', '#else\nx', {}],
    ['#elif without #if', '#elif A\nx\n#endif', { A: true }],
    ['#elif after #else', '#if A\n#else\n#elif A\n#endif', { A: true }],
    ['#if without a name', '#if\nx\n#endif', {}],
    ['#if with more than a name', '#if A && B\nx\n#endif', { A: true, B: true }],
    ['a directive that there is not', '#define A 1', {}],
    ['a directive that is misspelt', '#if A\nx\n#elseif A\ny\n#endif', { A: true }],
  ])('refuses %s, naming the file', (_, text, switches) => {
    expect(() => codeOf(text, switches)).toThrow(EngineError);
    expect(() => codeOf(text, switches)).toThrow(
      expect.objectContaining({ code: 'shader', message: expect.stringContaining(file) }),
    );
  });
});

/** A kernel in one of its forms, with the bindings that `GpuBatch` gives it, in the order of their numbers. */
interface Kernel {
  readonly name: string;
  readonly pieces: readonly ShaderPiece[];
  readonly switches: ShaderSwitches;
  readonly params: UniformBlock<string>;
  readonly bindings: readonly (string | undefined)[];
}

const { noiseDrive, levelDrive, probability, trials, curveTally, cellTally } = stdpShaders;
const someRule = planExperiment(parseSpec({ rule: { expression: 'a * d + rho_post', parameters: { a: 2 } } })).rule!;
const drive = (NOISE: boolean, STEPS: boolean, RAMPS: boolean) => ({ NOISE, STEPS, RAMPS, SLOW_SHIFTS: NOISE });

/** A kernel of the generative model. */
const ofModel = (
  name: keyof typeof modelKernels,
  params: UniformBlock<string>,
  bindings: readonly (string | undefined)[],
  switches: ShaderSwitches = {},
): Kernel => ({
  name: [name, ...Object.keys(switches).filter((key) => switches[key])].join(' '),
  pieces: name === 'langevin' ? [...activity(0.05), ...modelKernels[name]] : modelKernels[name],
  switches: { SIGMOID: false, SLOW_SHIFTS: false, ...switches },
  params,
  bindings: ['params', ...bindings],
});

/** A product of the generative model with its end. */
const productOf = (name: keyof typeof stores, bindings: readonly string[], switches: ShaderSwitches = {}): Kernel[] =>
  [registerProduct, tileProduct].map((product, k) => ({
    name: [`product, ${k === 0 ? 'registers' : 'tiles'}, ${name}`, ...Object.keys(switches)].join(' '),
    pieces: [...operands, ...activity(0.05), ...stores[name], product],
    switches: { LEFT_TRANSPOSED: false, RIGHT_TRANSPOSED: k === 1, SIGMOID: k === 1, ...switches },
    params: productParams,
    bindings: ['product', 'left', 'right', ...bindings],
  }));

const generativeKernels: readonly Kernel[] = [
  ofModel('copy', rowParams, ['original', 'copied']),
  ofModel('seeThrough', rowParams, ['pixels', 'visible', 'reconstruction', 'seen']),
  ...[false, true].map((FIRST) => ofModel('joint', rowParams, ['below', 'predicted', 'sums'], { FIRST })),
  ofModel('gather', rowParams, ['clock', 'images', 'order', 'pixels']),
  ofModel('statistics', rowParams, ['clock', 'activities', 'mean', 'variance']),
  ofModel('scaleColumns', rowParams, ['gains', 'weights']),
  ...[false, true].map((WALKED) =>
    ofModel('homeostasis', homeostasisParams, ['inputs', 'biases', 'gains', ...(WALKED ? ['walkedInputs'] : [])], {
      WALKED,
    }),
  ),
  ofModel('adamBiases', rowParams, ['adam', 'errors', 'biases', 'firstMoments', 'secondMoments']),
  ...[false, true].map((HIDDEN) =>
    ofModel('corrupt', noiseParams, ['normalTable', 'clean', 'noisy', HIDDEN ? 'variance' : undefined, 'clock'], {
      HIDDEN,
      SLOW_SHIFTS: HIDDEN,
    }),
  ),
  ofModel('spikes', noiseParams, ['clock', 'activities', 'means']),
  ofModel('pool', noiseParams, ['clock', 'normalTable', 'states']),
  ofModel('squareSums', rowParams, ['values', 'squares']),
  ofModel('nearest', nearestParams, ['products', 'squares', 'states', 'matched']),
  ofModel('walkStart', walkParams, ['clock', 'normalTable', 'top', 'mean', 'variance', 'start']),
  ...[false, true].map((SIGMOID) => ofModel('langevin', noiseParams, ['normalTable', 'state'], { SIGMOID })),
  ofModel('parzenFold', foldParams, ['squaredDistances', 'precisions', 'running']),
  ...productOf('activity', ['result', 'biases']),
  ...productOf('inference', ['state', 'biases', 'inference', 'goal', 'fromAbove'], { ABOVE: true, LANGEVIN: false }),
  ...productOf('error', ['errors', 'biases', 'params', 'goals'], { CROSS_ENTROPY: false }),
  ...productOf('adam', ['weights', 'firstMoments', 'secondMoments', 'adam']),
  ...productOf('distances', ['squaredDistances', 'pointSquares', 'centreSquares']),
];

const kernels: readonly Kernel[] = [
  ...generativeKernels,
  {
    name: 'noise drive',
    pieces: noiseDrive,
    switches: drive(true, false, false),
    params: driveParams,
    bindings: ['params', 'rows', 'neurons', 'states', 'normalTable'],
  },
  ...[drive(false, true, false), drive(false, false, true)].map((switches) => ({
    name: switches.STEPS ? 'steps drive' : 'ramps drive',
    pieces: levelDrive,
    switches,
    params: driveParams,
    bindings: ['params', 'rows', 'neurons', 'states'],
  })),
  ...[false, true].flatMap((RATES) =>
    [false, true].map((LOGISTIC) => ({
      name: `probability ${RATES ? 'with rates' : ''} ${LOGISTIC ? 'logistic' : ''}`,
      pieces: probability,
      switches: { RATES, LOGISTIC, SLOW_SHIFTS: RATES },
      params: probabilityParams,
      bindings: [
        'params',
        'rows',
        'neurons',
        'states',
        'planes',
        RATES ? 'rates' : undefined,
        ...(LOGISTIC ? ['logisticTable'] : []),
      ],
    })),
  ),
  ...[false, true].map((WIDE_WINDOW) => ({
    name: WIDE_WINDOW ? 'trials of any scheme, wide window' : 'trials of any scheme',
    pieces: schemeTrials,
    switches: {
      WIDE_WINDOW,
      SLOW_SHIFTS: WIDE_WINDOW,
      FOR_CPU: !WIDE_WINDOW,
      RECORDED: WIDE_WINDOW,
      PLANES_IN_TEXTURE: !WIDE_WINDOW,
    },
    params: trialsParams,
    bindings: ['params', 'rows', 'planes', 'counters', 'spikeCounts'],
  })),
  ...[false, true].map((WIDE_WINDOW) => ({
    name: WIDE_WINDOW ? 'trials, wide window' : 'trials',
    pieces: WIDE_WINDOW ? trials : [...trials, heldPlanes],
    switches: {
      PLANES_HELD: !WIDE_WINDOW,
      WIDE_WINDOW,
      SLOW_SHIFTS: WIDE_WINDOW,
      FOR_CPU: !WIDE_WINDOW,
      RECORDED: WIDE_WINDOW,
      PLANES_IN_TEXTURE: !WIDE_WINDOW,
    },
    params: trialsParams,
    bindings: ['params', 'rows', 'planes', 'counters', 'spikeCounts'],
  })),
  ...[false, true].map((RECORDED) => ({
    name: RECORDED ? 'triplets of recorded spikes' : 'triplets',
    pieces: tripletTrials,
    switches: { SLOW_SHIFTS: RECORDED, FOR_CPU: !RECORDED, RECORDED, PLANES_IN_TEXTURE: false },
    params: trialsParams,
    bindings: [
      ...['params', 'rows', 'planes', 'counters', 'spikeCounts'],
      ...['triplet', 'terms', 'decays', 'tripletSums'],
    ],
  })),
  ...[false, true].map((CELLS) => ({
    name: `sums of triplets by ${CELLS ? 'cell' : 'distance'}`,
    pieces: tripletTally,
    switches: { CELLS, SLOW_SHIFTS: CELLS },
    params: tripletTallyParams,
    bindings: ['params', 'tripletSums', 'sums'],
  })),
  {
    name: 'counts folded into words of their own',
    pieces: countsFoldKernel,
    switches: {},
    params: countsFoldParams,
    bindings: ['params', 'counters', 'folded'],
  },
  {
    name: 'planes to a texture',
    pieces: planesKernel,
    switches: {},
    params: planesParams,
    bindings: ['params', 'planes', 'copy'],
  },
  ...[false, true].map((FOLDED) => ({
    name: FOLDED ? 'curve tally of many trials' : 'curve tally',
    pieces: [FOLDED ? wideProductSums : productSums, ...curveTally],
    switches: { SLOW_SHIFTS: !FOLDED, FOLDED },
    params: tallyParams,
    bindings: ['params', 'counters', 'cellTerms', 'rateSums', 'spikeSums', 'pairs'],
  })),
  ...[false, true].map((FOLDED) => ({
    name: FOLDED ? 'cell tally of many trials' : 'cell tally',
    pieces: [FOLDED ? wideProductSums : productSums, ...cellTally],
    switches: { SLOW_SHIFTS: !FOLDED, FOLDED },
    params: tallyParams,
    bindings: [
      ...['params', 'counters', 'postStates', 'preRates', 'rows', 'kernel'],
      ...['cellRates', 'cellPairs', 'cellTerms'],
    ],
  })),
  {
    name: "a user's rule",
    pieces: ruleQuantaShader(someRule),
    switches: { SLOW_SHIFTS: true, FOLDED: false },
    params: ruleParams,
    bindings: [
      ...['params', 'counters', 'rows', 'postStates', 'preRates', 'postRates'],
      ...['ruleParameters', 'quanta', 'faults'],
    ],
  },
  ...[false, true].map((CELLS) => ({
    name: `sums of a user's rule by ${CELLS ? 'cell' : 'bin'}`,
    pieces: [CELLS ? wideProductSums : productSums, ...ruleSumsShader],
    switches: { CELLS, SLOW_SHIFTS: CELLS, FOLDED: CELLS },
    params: ruleParams,
    bindings: ['params', 'counters', 'quanta', 'sums'],
  })),
  {
    name: 'trace',
    pieces: traceKernel,
    switches: { SLOW_SHIFTS: false, RECORDED: false, PLANES_IN_TEXTURE: false },
    params: traceParams,
    bindings: ['params', 'planes', 'spikes'],
  },
  ...(['rate', 'pair'] as const).map((rule) => ({
    name: `closed loop, ${rule} rule`,
    ...loopKernel(planLoop(parseLoopSpec({ pre: { rho: { type: 'logistic' } }, loop: { rule, eta: 0.01 } })), false),
    params: loopParams,
    bindings: ['params', 'neurons', 'normalTable', 'values', 'logisticTable', ...(rule === 'pair' ? ['pairs'] : [])],
  })),
  {
    name: 'closed-loop sums',
    pieces: loopSumsKernel,
    switches: { SLOW_SHIFTS: true },
    params: loopSumsParams,
    bindings: ['params', 'values', 'edges', 'sums', 'histogram'],
  },
  ...[false, true].map((NOISE) => ({
    name: `threshold crossing${NOISE ? ' with noise' : ''}`,
    pieces: thresholdKernel(NOISE),
    switches: { NOISE, SLOW_SHIFTS: NOISE },
    params: thresholdParams,
    bindings: ['params', 'slopes', 'counts', ...(NOISE ? ['normalTable'] : [])],
  })),
];

describe.each(kernels)('kernel $name', ({ pieces, switches, params, bindings }) => {
  // wgsl_reflect takes these two names of variables for keywords, which they are not.
  const code = preprocess(pieces, switches).code.replace(/(?<!<)\b(workgroup|block)\b/g, '$1Here');
  const reflection = new WgslReflect(code);

  test('has one entry point, main', () => {
    expect(reflection.entry.compute.map(({ name }) => name)).toEqual(['main']);
  });

  test('has the bindings that it is given, few enough for every device', () => {
    const found: (string | undefined)[] = [];
    for (const { name, group, binding } of [...reflection.uniforms, ...reflection.storage, ...reflection.textures]) {
      expect(group).toBe(0);
      found[binding] = name;
    }
    expect([...found]).toEqual(bindings.at(-1) === undefined ? bindings.slice(0, -1) : bindings);
    expect(reflection.storage.length).toBeLessThanOrEqual(8);
  });

  test('reads its parameters where they are packed', () => {
    const [uniform] = reflection.uniforms;
    assertLayout(uniform!, params);
  });
});

/** Each field, packed alone, leaves its value at the offset that WGSL gives it, and nothing elsewhere. */
function assertLayout(uniform: VariableInfo, block: UniformBlock<string>): void {
  const members = uniform.members!;
  const zeros = Object.fromEntries(members.map(({ name }) => [name, 0]));
  expect(block.size).toBeGreaterThanOrEqual(uniform.size);
  expect(block.size % 16).toBe(0);
  for (const { name, offset, size, type } of members) {
    expect(size).toBe(4);
    const view = new DataView(block.pack({ ...zeros, [name]: type.name === 'u32' ? 0xfedcba98 : -3 }));
    expect(view.byteLength).toBe(block.size);
    const words = Array.from({ length: block.size / 4 }, (_, index) => view.getUint32(index * 4, true));
    expect(words.flatMap((word, index) => (word === 0 ? [] : [index * 4]))).toEqual([offset]);
    const value = { u32: view.getUint32, i32: view.getInt32, f32: view.getFloat32 }[type.name as ScalarType];
    expect(value.call(view, offset, true)).toBe(type.name === 'u32' ? 0xfedcba98 : -3);
  }
}

test('a parameter block holds u32, i32 and f32 and fills whole vectors', () => {
  const block = uniformBlock('Sample', { count: 'u32', shift: 'i32', scale: 'f32', end: 'u32', more: 'f32' });
  const [uniform] = new WgslReflect(
    `${block.wgsl}@group(0) @binding(0) var<uniform> sample: Sample;
    @compute @workgroup_size(1) fn main() { _ = sample.count; }`,
  ).uniforms;
  assertLayout(uniform!, block);
  expect(block.size).toBe(32);
  expect(uniform!.members!.map(({ name }) => name)).toEqual(['count', 'shift', 'scale', 'end', 'more']);
});
