// The counts of trials (counters.wgsl) as the tallies read them, four words of counters at a time: shape
// [rows][recordedSteps][stepVectors], with FOLDED two vectors for each, where they were added up in words of their own.
// Needs shifts.wgsl.

@group(0) @binding(1) var<storage, read> counters: array<vec4<u32>>;

struct Counts {
  // Bins D − w of four words w.
  before: vec4<u32>,
  // Bins D + w; 2D + 1 for w = 0.
  after: vec4<u32>,
}

fn countsAt(vector: u32) -> Counts {
#if FOLDED
  return Counts(counters[2u * vector], counters[2u * vector + 1u]);
#else
  let words = counters[vector];
  return Counts(words & vec4<u32>(0xffffu), shiftRight16Four(words));
#endif
}

// The bin of word w's lower half, and of its upper half; NO_BIN where there is none.
fn binBefore(w: u32, window: u32) -> u32 {
  return select(NO_BIN, window - w, w <= window);
}

fn binAfter(w: u32, window: u32) -> u32 {
  return select(select(NO_BIN, window + w, w <= window), 2u * window + 1u, w == 0u);
}

const NO_BIN = 0xffffffffu;
