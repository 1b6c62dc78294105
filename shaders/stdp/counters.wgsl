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
