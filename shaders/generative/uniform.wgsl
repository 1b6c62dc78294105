// 24 bits of a word as a number in [0, 1). Twin of uniformFromWord in src/generative/noise.ts.

fn uniformFromWord(word: u32) -> f32 {
  return f32(word >> 8u) / 16777216.0;
}
