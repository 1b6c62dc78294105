import type { GpuContext } from '../../src/gpu/context.ts';
import { normalFromWord, normalTable } from '../../src/random/normal.ts';
import { philox4x32 } from '../../src/random/philox.ts';
import { normal, philox, sfc32, shifts, stdpShaders, wide } from '../../src/stdp/shaders.ts';
import { assertSameArray } from '../support/compare.ts';
import { assert, type GpuCase } from './case.ts';
import { runKernel } from './run-kernel.ts';

/** Published with Random123 (Salmon, Moraes, Dror & Shaw, SC 2011): counter, key, output. */
const philoxKnownAnswers: readonly { counter: number[]; key: number[]; output: number[] }[] = [
  { counter: [0, 0, 0, 0], key: [0, 0], output: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    output: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    output: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

/** sfc32 from state (0, 12345, 0, 1), as seeded by its author's reference: the words after the first twelve. */
const sfc32KnownAnswers = [
  235160590, 2967261163, 116171463, 2882324903, 362604721, 4227106926, 1933307004, 1608300071, 2256615412, 2701957640,
];
const SFC32_DISCARDED = 12;

/** Words at which carries, signs and shifts change. */
const edges = [0, 1, 2, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff];

/** Reproducible random words. */
function randomWords(count: number): number[] {
  return Array.from({ length: Math.ceil(count / 4) }, (_, index) => philox4x32(1, 99, [index, 0, 0, 0]))
    .flat()
    .slice(0, count);
}

/** The ways of `shifts.wgsl`: both give the same bits on every adapter. */
export const arithmeticCases: readonly GpuCase[] = [false, true].flatMap((SLOW_SHIFTS) =>
  casesWith(SLOW_SHIFTS).map(({ name, run }) => ({ name: SLOW_SHIFTS ? `${name}, without shifts` : name, run })),
);

function casesWith(SLOW_SHIFTS: boolean): readonly GpuCase[] {
  return [
    {
      name: 'constant shifts to the right equal those of JavaScript',
      run: (context) => constantShifts(context, SLOW_SHIFTS),
    },
    {
      name: 'Philox4x32-10 gives the known answers of Random123',
      async run(context) {
        const output = await runKernel(context, {
          pieces: [shifts, wide, philox],
          switches: { SLOW_SHIFTS },
          kernel: `
          struct Address { counter: vec4<u32>, key: vec4<u32> }
          @group(0) @binding(0) var<storage, read> addresses: array<Address>;
          @group(0) @binding(1) var<storage, read_write> output: array<vec4<u32>>;
          @compute @workgroup_size(1) fn main(@builtin(workgroup_id) at: vec3<u32>) {
            output[at.x] = philox4x32(addresses[at.x].key.xy, addresses[at.x].counter);
          }`,
          inputs: [Uint32Array.from(philoxKnownAnswers.flatMap(({ counter, key }) => [...counter, ...key, 0, 0]))],
          outputWords: philoxKnownAnswers.length * 4,
          workgroups: philoxKnownAnswers.length,
        });
        assertSameArray(
          'words',
          output,
          philoxKnownAnswers.flatMap((answer) => answer.output),
        );
      },
    },
    {
      name: 'sfc32 gives its known answers',
      async run(context) {
        const output = await runKernel(context, {
          pieces: [shifts, sfc32],
          switches: { SLOW_SHIFTS },
          kernel: `
          @group(0) @binding(0) var<storage, read> start: vec4<u32>;
          @group(0) @binding(1) var<storage, read_write> output: array<u32>;
          @compute @workgroup_size(1) fn main() {
            var state = start;
            for (var i = 0u; i < ${SFC32_DISCARDED}u; i++) { _ = sfc32(&state); }
            for (var i = 0u; i < arrayLength(&output); i++) { output[i] = sfc32(&state); }
          }`,
          inputs: [Uint32Array.of(0, 12345, 0, 1)],
          outputWords: sfc32KnownAnswers.length,
          workgroups: 1,
        });
        assertSameArray('words', output, sfc32KnownAnswers);
      },
    },
    {
      name: '64-bit arithmetic agrees with BigInt on edge and random operands and for every shift',
      run: (context) => wideArithmetic(context, SLOW_SHIFTS),
    },
    {
      name: 'normal deviates equal the twin on 2^16 words',
      async run(context) {
        const powers = Array.from({ length: 32 }, (_, bit) => 2 ** bit);
        const special = [0, ...powers, ...powers.map((power) => power - 1), ...powers.map((power) => 2 ** 32 - power)];
        const words = Uint32Array.from([...special, ...randomWords(2 ** 16 - special.length)]);
        const { noiseDrive } = stdpShaders;
        const output = await runKernel(context, {
          pieces: noiseDrive.slice(0, noiseDrive.indexOf(normal) + 1),
          switches: { SLOW_SHIFTS },
          kernel: `
          @group(0) @binding(0) var<storage, read> words: array<u32>;
          @group(0) @binding(1) var<storage, read> normalTable: array<i32>;
          @group(0) @binding(2) var<storage, read_write> deviates: array<i32>;
          @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
            deviates[thread.x] = normalFromWord(words[thread.x]);
          }`,
          inputs: [words, new Int32Array(normalTable())],
          outputWords: words.length,
          workgroups: words.length / 64,
        });
        assertSameArray('deviates', new Int32Array(output.buffer), Int32Array.from(words, normalFromWord));
      },
    },
  ];
}

/** Results of one thread, in words: six of 64 bits, one of 32. */
const RESULT_WORDS = 13;

async function constantShifts(context: GpuContext, SLOW_SHIFTS: boolean): Promise<void> {
  const powers = Array.from({ length: 32 }, (_, bit) => 2 ** bit);
  const words = Uint32Array.from([
    ...edges,
    ...powers,
    ...powers.map((power) => power - 1),
    ...powers.map((power) => 2 ** 32 - power),
    ...randomWords(2 ** 14),
  ]);
  const output = await runKernel(context, {
    pieces: [shifts],
    switches: { SLOW_SHIFTS },
    kernel: `
      @group(0) @binding(0) var<storage, read> words: array<u32>;
      @group(0) @binding(1) var<storage, read_write> shifted: array<vec4<u32>>;
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
        let x = words[thread.x];
        shifted[thread.x] =
          vec4<u32>(shiftRight9(x), shiftRight11(x), shiftRight16(x), shiftRight23(x & 0xff800000u));
      }`,
    inputs: [words],
    outputWords: words.length * 4,
    workgroups: Math.ceil(words.length / 64),
  });
  const expected = Array.from(words, (x) => [x >>> 9, x >>> 11, x >>> 16, (x & 0xff800000) >> 23]).flat();
  assertSameArray('words', output, Uint32Array.from(expected));
}

async function wideArithmetic(context: GpuContext, SLOW_SHIFTS: boolean): Promise<void> {
  const random = randomWords(800);
  const pairs = [
    ...edges.flatMap((x) => edges.map((y) => [x, y] as const)),
    ...Array.from({ length: random.length / 2 }, (_, index) => [random[2 * index]!, random[2 * index + 1]!] as const),
  ];
  const output = await runKernel(context, {
    pieces: [shifts, wide],
    switches: { SLOW_SHIFTS },
    kernel: `
      @group(0) @binding(0) var<storage, read> operands: array<vec2<u32>>;
      @group(0) @binding(1) var<storage, read_write> results: array<u32>;
      fn store(at: u32, value: vec2<u32>) { results[at] = value.x; results[at + 1u] = value.y; }
      // A workgroup takes a pair of operands, a thread a shift.
      @compute @workgroup_size(64)
      fn main(@builtin(workgroup_id) pair: vec3<u32>, @builtin(local_invocation_index) bits: u32) {
        let x = operands[pair.x];
        let y = x.yx;
        let at = (pair.x * 64u + bits) * ${RESULT_WORDS}u;
        store(at, multiplyWide(x.x, x.y));
        store(at + 2u, multiplySigned(bitcast<i32>(x.x), x.y));
        store(at + 4u, addWide(x, y));
        store(at + 6u, negateWide(x));
        store(at + 8u, shiftRightWide(x, bits));
        // Within the range that scaleWide takes.
        store(at + 10u, scaleWide(shiftRightWide(y, 2u), x.x));
        results[at + 12u] = bitcast<u32>(multiplyShift(bitcast<i32>(x.x), x.y, 1u + (bits & 31u)));
      }`,
    inputs: [Uint32Array.from(pairs.flat())],
    outputWords: pairs.length * 64 * RESULT_WORDS,
    workgroups: pairs.length,
  });
  pairs.forEach(([low, high], index) => {
    const [x, y] = [BigInt(low), BigInt(high)];
    const signed = BigInt.asIntN(32, x);
    const both = (y << 32n) | x;
    const swapped = (x << 32n) | y;
    const fixed: [string, bigint][] = [
      ['multiplyWide', x * y],
      ['multiplySigned', signed * y],
      ['addWide', both + ((x << 32n) | y)],
      ['negateWide', -both],
    ];
    for (let bits = 0; bits < 64; bits++) {
      const at = (index * 64 + bits) * RESULT_WORDS;
      const expected: [string, bigint][] = [
        ...fixed,
        [`shiftRightWide by ${bits}`, BigInt.asIntN(64, both) >> BigInt(bits)],
        ['scaleWide', ((BigInt.asIntN(64, swapped) >> 2n) * x) >> 31n],
      ];
      expected.forEach(([name, value], slot) => {
        const found = (BigInt(output[at + 2 * slot + 1]!) << 32n) | BigInt(output[at + 2 * slot]!);
        assert(found === BigInt.asUintN(64, value), `${name} of ${low}, ${high} is 0x${found.toString(16)}`);
      });
      const by = BigInt(1 + (bits & 31));
      const rounded = Number(BigInt.asUintN(32, (signed * y + (1n << (by - 1n))) >> by));
      assert(output[at + 12] === rounded, `multiplyShift of ${signed}, ${y} by ${by} is ${output[at + 12]}`);
    }
  });
}
