// Bernoulli spikes of 32 steps at once. Each step spikes where its own uniform 31-bit number is at most 2³¹ p − 1.
// The comparison goes from the most significant bit down, one random word for one bit of all 32 numbers, and stops
// when every step is decided: after 7 bits, then after every 4 more. Twin of src/stdp/spikes.ts.
// Needs sfc32.wgsl and `planes` (probability.wgsl), eight vectors a word: the steps with p > 0, then the 31 bits.
// `planes` is an `array<vec4<u32>>`, or with PLANES_IN_TEXTURE a `texture_2d<u32>` (planes-texture.wgsl): SwiftShader
// loads a vector of a buffer word by word and lane by lane, a texel at once. With RECORDED it is an array of the words
// of recorded trains in the order in which they are asked for.

// Where the planes of a row begin. neuron: 0 presynaptic, 1 postsynaptic; words: of a train.
fn planesOf(neuron: u32, row: u32, rows: u32, words: u32) -> vec2<u32> {
#if PLANES_IN_TEXTURE
  return vec2<u32>(neuron * words * 8u, row);
#else
  return vec2<u32>((neuron * rows + row) * words * 8u, 0u);
#endif
}

#if RECORDED
// next: where the trial's next word lies; it moves on.
fn spikeWord(start: vec2<u32>, word: u32, next: ptr<function, u32>) -> u32 {
  let recorded = planes[*next >> 2u][*next & 3u];
  *next += 1u;
  return recorded;
}
#else
struct Decision {
  spikes: u32,
  undecided: u32,
}

fn decideBit(decision: Decision, random: u32, threshold: u32) -> Decision {
  let differs = decision.undecided & (random ^ threshold);
  return Decision(decision.spikes | (differs & threshold), decision.undecided ^ differs);
}

fn decideFourBits(start: Decision, bits: vec4<u32>, state: ptr<function, vec4<u32>>) -> Decision {
  var decision = decideBit(start, sfc32(state), bits.x);
  decision = decideBit(decision, sfc32(state), bits.y);
  decision = decideBit(decision, sfc32(state), bits.z);
  return decideBit(decision, sfc32(state), bits.w);
}

// The planes that every word needs: the steps with p > 0, and seven bits.
struct FirstPlanes {
  a: vec4<u32>,
  b: vec4<u32>,
}

// start: of planesOf.
fn firstPlanes(start: vec2<u32>, word: u32) -> FirstPlanes {
  let at = vec2<u32>(start.x + word * 8u, start.y);
  return FirstPlanes(planesAt(at, 0u), planesAt(at, 1u));
}

// state: the trial's generator.
fn spikeWord(start: vec2<u32>, word: u32, state: ptr<function, vec4<u32>>) -> u32 {
  return spikeWordOf(firstPlanes(start, word), start, word, state);
}

fn spikeWordOf(first: FirstPlanes, start: vec2<u32>, word: u32, state: ptr<function, vec4<u32>>) -> u32 {
  let at = vec2<u32>(start.x + word * 8u, start.y);
  var decision = decideBit(Decision(0u, first.a.x), sfc32(state), first.a.y);
  decision = decideBit(decision, sfc32(state), first.a.z);
  decision = decideBit(decision, sfc32(state), first.a.w);
  decision = decideFourBits(decision, first.b, state);
  // The next group is drawn for all lanes of a vector, as nearly always one of them needs it; the others keep their
  // generator. A loop that is seen to end gets no counter that makes it end.
  for (var group = 2u; group < 8u; group++) {
    let before = *state;
    let open = decision.undecided != 0u;
    decision = decideFourBits(decision, planesAt(at, group), state);
    *state = select(before, *state, open);
    if (decision.undecided == 0u) {
      break;
    }
  }
  return decision.spikes | decision.undecided;
}
#endif

#if RECORDED
#elif PLANES_IN_TEXTURE
fn planesAt(at: vec2<u32>, group: u32) -> vec4<u32> {
  return textureLoad(planes, vec2<u32>(at.x + group, at.y), 0);
}
#else
fn planesAt(at: vec2<u32>, group: u32) -> vec4<u32> {
  return planes[at.x + group];
}
#endif
