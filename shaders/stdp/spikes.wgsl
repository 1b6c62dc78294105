// Bernoulli spikes of 32 steps at once. Each step spikes where its own uniform 31-bit number is at most 2³¹ p − 1.
// The comparison goes from the most significant bit down, one random word for one bit of all 32 numbers, and stops
// when every step is decided: after 7 bits, then after every 4 more. Twin of src/stdp/spikes.ts.
// Needs sfc32.wgsl and `planes: array<vec4<u32>>` (probability.wgsl), eight vectors a word: the steps with p > 0,
// then the 31 bits. With RECORDED `planes` holds the words of recorded trains in the order in which they are asked for.

#if RECORDED
// next: where the trial's next word lies; it moves on.
fn spikeWord(at: u32, next: ptr<function, u32>) -> u32 {
  let word = planes[*next >> 2u][*next & 3u];
  *next += 1u;
  return word;
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

// at: index of the word's first vector in `planes`; state: the trial's generator.
fn spikeWord(at: u32, state: ptr<function, vec4<u32>>) -> u32 {
  let first = planes[at];
  var decision = decideBit(Decision(0u, first.x), sfc32(state), first.y);
  decision = decideBit(decision, sfc32(state), first.z);
  decision = decideBit(decision, sfc32(state), first.w);
  decision = decideFourBits(decision, planes[at + 1u], state);
  // The next group is drawn for all lanes of a vector, as nearly always one of them needs it; the others keep their
  // generator.
  var group = 2u;
  loop {
    let before = *state;
    let open = decision.undecided != 0u;
    decision = decideFourBits(decision, planes[at + group], state);
    *state = select(before, *state, open);
    group++;
    continuing {
      break if decision.undecided == 0u || group == 8u;
    }
  }
  return decision.spikes | decision.undecided;
}
#endif
