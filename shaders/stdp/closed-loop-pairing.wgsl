// Spikes of the last steps and the pairs that they make, for the rule `pair` of closed-loop.wgsl. Twin of
// src/stdp/closed-loop/loop-pairing.ts. HISTORY_WORDS is chosen by the window.

// Bit k is k steps ago.
struct SpikeHistory {
  words: array<u32, HISTORY_WORDS>,
}

fn pushSpike(history: ptr<function, SpikeHistory>, spike: u32) {
  for (var word = HISTORY_WORDS - 1u; word > 0u; word--) {
    (*history).words[word] = ((*history).words[word] << 1u) | ((*history).words[word - 1u] >> 31u);
  }
  (*history).words[0] = ((*history).words[0] << 1u) | spike;
}

fn hadSpike(history: ptr<function, SpikeHistory>, stepsAgo: u32) -> bool {
  return (((*history).words[stepsAgo >> 5u] >> (stepsAgo & 31u)) & 1u) == 1u;
}

// Entry of `pairs` for the presynaptic spike `window` steps ago under `nearest-exclusive` (STDP paper §5.1): spike-timing
// difference plus window; window, the entry that is 0, for no pair.
fn duePair(post: ptr<function, SpikeHistory>, window: u32) -> u32 {
  if (hadSpike(post, window)) {
    return window;
  }
  var after = 0u;
  var before = 0u;
  for (var d = window; d > 0u; d--) {
    if (hadSpike(post, window - d)) {
      after = d;
    }
    if (hadSpike(post, window + d)) {
      before = d;
    }
  }
  return select(window, window + after - before, (after == 0u) != (before == 0u));
}
