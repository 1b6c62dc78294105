// Spike trains of four trials side by side, one in each 32-bit lane. Twin of src/stdp/spikes.ts; seven planes, then
// groups of four, written out because only locals are sure to stay in registers.
//
// A plane takes 16 vector operations for four trials (sfc32 11, the decision 5) and a word 11.3 planes on average, the
// lane that takes most. Two vectors of trials at once would not fit 16 registers.

/** Words of a spike train that are drawn before they are paired. */
export const CHUNK: u32 = 56;
/** Bytes of a buffer, a power of two: 4 words before the chunk, the chunk, 4 words after it. */
export const TRAIN: usize = (4 + <usize>CHUNK + 4) << 2;

/**
 * Draws `words` words of both neurons.
 *
 * @param generators states of sfc32 (a, b, c, counter), four vectors; left where the next words go on.
 * @param planes bit planes of the first word, shape [words][2][32].
 * @param pre, post where the first trial's words go; the other trials' follow at distances of {@link TRAIN}.
 */
export function sampleWords(generators: usize, planes: usize, words: u32, pre: usize, post: usize): void {
  const one = i32x4.splat(1);
  let a = v128.load(generators);
  let b = v128.load(generators, 16);
  let c = v128.load(generators, 32);
  let counter = v128.load(generators, 48);
  const end = planes + ((<usize>words) << 8);
  let out = pre;
  let other = post;
  for (let word = planes; word < end; word += 128) {
    let at = word;
    let random: v128;
    let threshold: v128;
    let differs: v128;
    let undecided = v128.load_splat<u32>(at);
    let spikes = i32x4.splat(0);
    threshold = v128.load_splat<u32>(at, 4);
    random = i32x4.add(i32x4.add(a, b), counter);
    counter = i32x4.add(counter, one);
    a = v128.xor(b, i32x4.shr_u(b, 9));
    b = i32x4.add(c, i32x4.shl(c, 3));
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
    differs = v128.and(undecided, v128.xor(random, threshold));
    spikes = v128.or(spikes, v128.and(differs, threshold));
    undecided = v128.xor(undecided, differs);
    threshold = v128.load_splat<u32>(at, 8);
    random = i32x4.add(i32x4.add(a, b), counter);
    counter = i32x4.add(counter, one);
    a = v128.xor(b, i32x4.shr_u(b, 9));
    b = i32x4.add(c, i32x4.shl(c, 3));
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
    differs = v128.and(undecided, v128.xor(random, threshold));
    spikes = v128.or(spikes, v128.and(differs, threshold));
    undecided = v128.xor(undecided, differs);
    threshold = v128.load_splat<u32>(at, 12);
    random = i32x4.add(i32x4.add(a, b), counter);
    counter = i32x4.add(counter, one);
    a = v128.xor(b, i32x4.shr_u(b, 9));
    b = i32x4.add(c, i32x4.shl(c, 3));
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
    differs = v128.and(undecided, v128.xor(random, threshold));
    spikes = v128.or(spikes, v128.and(differs, threshold));
    undecided = v128.xor(undecided, differs);
    threshold = v128.load_splat<u32>(at, 16);
    random = i32x4.add(i32x4.add(a, b), counter);
    counter = i32x4.add(counter, one);
    a = v128.xor(b, i32x4.shr_u(b, 9));
    b = i32x4.add(c, i32x4.shl(c, 3));
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
    differs = v128.and(undecided, v128.xor(random, threshold));
    spikes = v128.or(spikes, v128.and(differs, threshold));
    undecided = v128.xor(undecided, differs);
    threshold = v128.load_splat<u32>(at, 20);
    random = i32x4.add(i32x4.add(a, b), counter);
    counter = i32x4.add(counter, one);
    a = v128.xor(b, i32x4.shr_u(b, 9));
    b = i32x4.add(c, i32x4.shl(c, 3));
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
    differs = v128.and(undecided, v128.xor(random, threshold));
    spikes = v128.or(spikes, v128.and(differs, threshold));
    undecided = v128.xor(undecided, differs);
    threshold = v128.load_splat<u32>(at, 24);
    random = i32x4.add(i32x4.add(a, b), counter);
    counter = i32x4.add(counter, one);
    a = v128.xor(b, i32x4.shr_u(b, 9));
    b = i32x4.add(c, i32x4.shl(c, 3));
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
    differs = v128.and(undecided, v128.xor(random, threshold));
    spikes = v128.or(spikes, v128.and(differs, threshold));
    undecided = v128.xor(undecided, differs);
    threshold = v128.load_splat<u32>(at, 28);
    random = i32x4.add(i32x4.add(a, b), counter);
    counter = i32x4.add(counter, one);
    a = v128.xor(b, i32x4.shr_u(b, 9));
    b = i32x4.add(c, i32x4.shl(c, 3));
    c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
    differs = v128.and(undecided, v128.xor(random, threshold));
    spikes = v128.or(spikes, v128.and(differs, threshold));
    undecided = v128.xor(undecided, differs);
    // The first group is needed more often than not, a branch around it costs more.
    const last = word + 96;
    do {
      // A trial that is decided keeps its generator as it is.
      const open = i32x4.ne(undecided, i32x4.splat(0));
      const keptA = a;
      const keptB = b;
      const keptC = c;
      threshold = v128.load_splat<u32>(at, 32);
      random = i32x4.add(i32x4.add(a, b), counter);
      counter = i32x4.sub(counter, open);
      a = v128.xor(b, i32x4.shr_u(b, 9));
      b = i32x4.add(c, i32x4.shl(c, 3));
      c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
      differs = v128.and(undecided, v128.xor(random, threshold));
      spikes = v128.or(spikes, v128.and(differs, threshold));
      undecided = v128.xor(undecided, differs);
      threshold = v128.load_splat<u32>(at, 36);
      random = i32x4.add(i32x4.add(a, b), counter);
      counter = i32x4.sub(counter, open);
      a = v128.xor(b, i32x4.shr_u(b, 9));
      b = i32x4.add(c, i32x4.shl(c, 3));
      c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
      differs = v128.and(undecided, v128.xor(random, threshold));
      spikes = v128.or(spikes, v128.and(differs, threshold));
      undecided = v128.xor(undecided, differs);
      threshold = v128.load_splat<u32>(at, 40);
      random = i32x4.add(i32x4.add(a, b), counter);
      counter = i32x4.sub(counter, open);
      a = v128.xor(b, i32x4.shr_u(b, 9));
      b = i32x4.add(c, i32x4.shl(c, 3));
      c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
      differs = v128.and(undecided, v128.xor(random, threshold));
      spikes = v128.or(spikes, v128.and(differs, threshold));
      undecided = v128.xor(undecided, differs);
      threshold = v128.load_splat<u32>(at, 44);
      random = i32x4.add(i32x4.add(a, b), counter);
      counter = i32x4.sub(counter, open);
      a = v128.xor(b, i32x4.shr_u(b, 9));
      b = i32x4.add(c, i32x4.shl(c, 3));
      c = i32x4.add(v128.or(i32x4.shl(c, 21), i32x4.shr_u(c, 11)), random);
      differs = v128.and(undecided, v128.xor(random, threshold));
      spikes = v128.or(spikes, v128.and(differs, threshold));
      undecided = v128.xor(undecided, differs);
      a = v128.bitselect(a, keptA, open);
      b = v128.bitselect(b, keptB, open);
      c = v128.bitselect(c, keptC, open);
      at += 16;
    } while (at < last && v128.any_true(undecided));
    spikes = v128.or(spikes, undecided);
    v128.store_lane<u32>(out, spikes, 0);
    v128.store_lane<u32>(out, spikes, 1, TRAIN);
    v128.store_lane<u32>(out, spikes, 2, 2 * TRAIN);
    v128.store_lane<u32>(out, spikes, 3, 3 * TRAIN);
    // The next word is the other neuron's.
    const next = other;
    other = out + 4;
    out = next;
  }
  v128.store(generators, a);
  v128.store(generators, b, 16);
  v128.store(generators, c, 32);
  v128.store(generators, counter, 48);
}

/**
 * Copies `words` recorded words of both neurons of `lanes` trials.
 *
 * @param source the first trial's words, in turn presynaptic and postsynaptic; the other trials' follow at `stride` bytes.
 * @param pre, post as in {@link sampleWords}.
 */
export function readWords(source: usize, stride: usize, words: u32, lanes: u32, pre: usize, post: usize): void {
  for (let lane: u32 = 0; lane < lanes; lane++) {
    for (let word: usize = 0; word < <usize>words; word++) {
      const at = source + lane * stride + (word << 3);
      store<u32>(pre + lane * TRAIN + (word << 2), load<u32>(at));
      store<u32>(post + lane * TRAIN + (word << 2), load<u32>(at, 4));
    }
  }
}
