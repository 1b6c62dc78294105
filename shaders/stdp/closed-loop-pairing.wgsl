// Spikes of the last steps and the pairs that they make, for the rule `pair` of closed-loop.wgsl, whose `pairs` it reads.
// Twin of src/stdp/closed-loop/loop-pairing.ts. HISTORY_WORDS is chosen by the window; the pairing scheme is told by
// constants as in scheme-trials.wgsl. Needs wide.wgsl.

// Bit k is k steps ago.
struct SpikeHistory {
  words: array<u32, HISTORY_WORDS>,
}

// What the pairs on one side of a presynaptic spike change.
struct SideChange {
  found: bool,
  change: vec2<u32>,
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

// The pairs of the presynaptic spike `window` steps ago with postsynaptic spikes after it, or before it.
// tied: coincident spikes belong to this side, so that a presynaptic one is passed before its postsynaptic one.
fn changeOnSide(
  pre: ptr<function, SpikeHistory>,
  post: ptr<function, SpikeHistory>,
  window: u32,
  isAfter: bool,
  postHides: bool,
  preHides: bool,
  tied: bool,
) -> SideChange {
  var side = SideChange();
  for (var k = select(1u, 0u, tied); k <= window; k++) {
    let ago = select(window + k, window - k, isAfter);
    let preHere = k > 0u && hadSpike(pre, ago);
    let postHere = hadSpike(post, ago);
    if (tied && preHere && preHides) {
      break;
    }
    if (postHere) {
      side = SideChange(true, addWide(side.change, pairs[select(window - k, window + k, isAfter)]));
    }
    if ((postHere && postHides) || (preHere && preHides)) {
      break;
    }
  }
  return side;
}

// What the pairs of the presynaptic spike `window` steps ago change.
fn dueChange(pre: ptr<function, SpikeHistory>, post: ptr<function, SpikeHistory>, window: u32) -> vec2<u32> {
  if (EXCLUSIVE && !CAUSAL && !ACAUSAL && hadSpike(post, window)) {
    return vec2<u32>();
  }
  let after = changeOnSide(pre, post, window, true, POST_HIDES_AFTER, PRE_HIDES_AFTER, CAUSAL);
  let before = changeOnSide(pre, post, window, false, POST_HIDES_BEFORE, PRE_HIDES_BEFORE, ACAUSAL);
  if (EXCLUSIVE && after.found && before.found) {
    return vec2<u32>();
  }
  return addWide(after.change, before.change);
}
