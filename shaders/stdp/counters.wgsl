// How trials count pairs: two counters of 16 bits in a word. Of the words of a recorded step, word w holds bin D − w in
// its lower half and bin D + w in its upper half; the upper half of word 0 is bin 2D + 1. Half the memory of a word for
// each bin: fewer cache lines for the trials, fewer loads for those who read it. Whoever counts adds up the counters in
// words of their own (counts-fold.wgsl) before a half can overflow.

// D + 1 words, filled up to a multiple of four.
fn counterWords(window: u32) -> u32 {
  return (window + 4u) & ~3u;
}

const COUNT_BEFORE = 1u;
const COUNT_AFTER = 0x10000u;

#if FOR_CPU
// Loads the words of a row once, in order, by the first lanes of a workgroup: a CPU sees where that leads and has the rest
// in its cache when the trials count, where each addition, as it is atomic, would wait for memory on its own. Gives the
// bits of them all, so that the loads are not left out.
fn fetchCounters(first: u32, words: u32, lane: u32) -> u32 {
  var bits = 0u;
  var at = select(words, lane * LINE_WORDS, lane < FETCHING_LANES);
  loop {
    bits |= atomicLoad(&counters[first + min(at, words - 1u)]);
    at += FETCHING_LANES * LINE_WORDS;
    continuing {
      break if at >= words;
    }
  }
  return bits;
}

// Words of a cache line, and as many lanes as SwiftShader has in a vector.
const LINE_WORDS = 16u;
const FETCHING_LANES = 4u;
#endif
