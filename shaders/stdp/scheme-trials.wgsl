// Monte-Carlo trials like trials.wgsl, under any pairing scheme: a presynaptic spike at a recorded step t adds one to
// bin 2D + 1 of that step and one to bin d + D for every pair that it makes (counters.wgsl). Which spikes hide a pair is told by the
// constants below (src/stdp/pairing-schemes.ts); the twin walks from step to step, here the spikes on one side of t are
// the bits of a `Reach`, the nearest one lowest, and hiding is arithmetic on them.
//
// A row is one sequence of one experiment. A workgroup works on one row; a thread runs one trial after another and
// holds the words of both spike trains around the presynaptic one in registers. Loops test at their end, as in
// trials.wgsl. Needs philox.wgsl, spikes.wgsl,
// counters.wgsl.

@group(0) @binding(0) var<uniform> params: TrialsParams;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
#if PLANES_IN_TEXTURE
@group(0) @binding(2) var planes: texture_2d<u32>;
#else
@group(0) @binding(2) var<storage, read> planes: array<vec4<u32>>;
#endif
@group(0) @binding(3) var<storage, read_write> counters: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> spikeCounts: array<atomic<u32>>;

override WORKGROUP_SIZE: u32 = 64u;

// Spikes between those of a pair that hide it, by the side of its postsynaptic spike.
override POST_HIDES_AFTER: bool = false;
override PRE_HIDES_AFTER: bool = false;
override POST_HIDES_BEFORE: bool = false;
override PRE_HIDES_BEFORE: bool = false;
// A presynaptic spike with pairs on both sides makes none.
override EXCLUSIVE: bool = false;
// Of coincident spikes the presynaptic one comes first, or last; with neither they make no pair.
override CAUSAL: bool = false;
override ACAUSAL: bool = false;

#if WIDE_WINDOW
// Words before and after the presynaptic one that a window reaches, and the steps of a side: bit k − 1 of a reach is the
// step at distance k.
const SIDE_WORDS = 2u;
alias Reach = vec2<u32>;

// The steps after bit b of the middle word.
fn reachAfter(words: array<u32, 5>, b: u32) -> Reach {
  let next = 31u - b;
  return Reach(
    ((words[2] >> b) >> 1u) | (words[3] << next),
    ((words[3] >> b) >> 1u) | (words[4] << next),
  );
}

// The steps before it, the last one first.
fn reachBefore(words: array<u32, 5>, b: u32) -> Reach {
  let next = 31u - b;
  return Reach(
    reverseBits((words[1] >> b) | ((words[2] << 1u) << next)),
    reverseBits((words[0] >> b) | ((words[1] << 1u) << next)),
  );
}

fn steps(count: u32) -> Reach {
  return Reach(lowBits(count), lowBits(max(count, 32u) - 32u));
}

fn lessOne(x: Reach) -> Reach {
  return Reach(x.x - 1u, x.y - select(0u, 1u, x.x == 0u));
}

fn anyIn(x: Reach) -> bool {
  return (x.x | x.y) != 0u;
}
#else
const SIDE_WORDS = 1u;
alias Reach = u32;

fn reachAfter(words: array<u32, 3>, b: u32) -> Reach {
  return ((words[1] >> b) >> 1u) | (words[2] << (31u - b));
}

fn reachBefore(words: array<u32, 3>, b: u32) -> Reach {
  return reverseBits((words[0] >> b) | ((words[1] << 1u) << (31u - b)));
}

fn steps(count: u32) -> Reach {
  return lowBits(count);
}

fn lessOne(x: Reach) -> Reach {
  return x - 1u;
}

fn anyIn(x: Reach) -> bool {
  return x != 0u;
}
#endif

const WORDS = 2u * SIDE_WORDS + 1u;

// The lowest `count` bits; count may exceed 32.
fn lowBits(count: u32) -> u32 {
  return select((1u << (count & 31u)) - 1u, 0xffffffffu, count >= 32u);
}

// Bits of a word that lie at steps firstRecorded … endRecorded − 1.
fn recordedBits(firstStep: u32) -> u32 {
  let end = max(params.endRecorded, firstStep) - firstStep;
  let start = max(params.firstRecorded, firstStep) - firstStep;
  return lowBits(end) & ~lowBits(start);
}

// The steps nearer than the first spike, and its own; all where there is none.
fn upToFirst(spikes: Reach) -> Reach {
  return spikes ^ lessOne(spikes);
}

fn nearerThanFirst(spikes: Reach) -> Reach {
  return ~spikes & lessOne(spikes);
}

// Postsynaptic spikes on one side that make a pair.
// tied: coincident spikes belong to this side, so that a presynaptic one is passed before its postsynaptic one.
fn pairsOnSide(post: Reach, pre: Reach, postHides: bool, preHides: bool, tied: bool, coincident: bool) -> Reach {
  var pairs = post;
  if (postHides) {
    pairs &= upToFirst(post);
    if (tied && coincident) {
      pairs = Reach();
    }
  }
  if (preHides) {
    if (tied) {
      pairs &= nearerThanFirst(pre);
    } else {
      pairs &= upToFirst(pre);
    }
  }
  return pairs;
}

// Adds `one` to counters[origin + k] for bit k − 1 of the word.
fn countWord(word: u32, origin: u32, one: u32) {
  var waiting = word;
  loop {
    let k = countTrailingZeros(waiting) + 1u;
    if (waiting != 0u) {
      atomicAdd(&counters[origin + k], one);
    }
    waiting &= waiting - 1u;
    continuing {
      break if waiting == 0u;
    }
  }
}

fn countPairs(pairs: Reach, origin: u32, one: u32) {
#if WIDE_WINDOW
  countWord(pairs.x, origin, one);
  countWord(pairs.y, origin + 32u, one);
#else
  countWord(pairs, origin, one);
#endif
}

// Where a workgroup counts: word w of step t is counters[origin + t · stride + w].
struct Counting {
  // D, 1 … 64; above 32 in the kernel with WIDE_WINDOW.
  window: u32,
  stride: u32,
  origin: u32,
}

// Pairs and counts the spikes of the presynaptic word in the middle, which begins at firstStep.
fn pairWord(counting: Counting, pre: array<u32, WORDS>, post: array<u32, WORDS>, firstStep: u32) {
  let within = steps(counting.window);
  var waiting = pre[SIDE_WORDS] & recordedBits(firstStep);
  loop {
    // A word without spikes comes here too.
    let spikes = waiting != 0u;
    let b = countTrailingZeros(waiting) & 31u;
    waiting &= waiting - 1u;
    let coincident = ((post[SIDE_WORDS] >> b) & 1u) != 0u;
    var after = pairsOnSide(
      reachAfter(post, b) & within, reachAfter(pre, b), POST_HIDES_AFTER, PRE_HIDES_AFTER, CAUSAL, coincident,
    );
    var before = pairsOnSide(
      reachBefore(post, b) & within, reachBefore(pre, b), POST_HIDES_BEFORE, PRE_HIDES_BEFORE, ACAUSAL, coincident,
    );
    var together = coincident && (CAUSAL || ACAUSAL);
    if (EXCLUSIVE && (anyIn(after) || (CAUSAL && coincident)) && (anyIn(before) || (ACAUSAL && coincident))) {
      after = Reach();
      before = Reach();
      together = false;
    }
    let origin = counting.origin + (firstStep + b) * counting.stride;
    if (spikes) {
      // Bin 2D + 1, and bin D.
      atomicAdd(&counters[origin], select(COUNT_AFTER, COUNT_AFTER + COUNT_BEFORE, together));
      countPairs(after, origin, COUNT_AFTER);
      countPairs(before, origin, COUNT_BEFORE);
    }
    continuing {
      break if waiting == 0u;
    }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup.y;
  let address = rows[row];
  let trialsHere = min(params.trials, max(address.endTrial, params.firstTrial) - params.firstTrial);
  let firstIndex = workgroup.x * params.trialsPerThread * WORKGROUP_SIZE + lane;
  let endIndex = min(trialsHere, firstIndex + params.trialsPerThread * WORKGROUP_SIZE);
  if (firstIndex >= endIndex) {
    return;
  }
  let words = params.words;
  let prePlanes = planesOf(0u, row, params.rows, words);
  let postPlanes = planesOf(1u, row, params.rows, words);
  let stride = counterWords(params.window);
  let counting = Counting(params.window, stride, (row * params.recordedSteps - params.firstRecorded) * stride);
#if FOR_CPU
  // There are words, but the compiler does not know.
  let rowWords = params.recordedSteps * stride;
  var preCount = select(0u, fetchCounters(row * rowWords, rowWords, lane), words == 0u);
#else
  var preCount = 0u;
#endif
  var postCount = 0u;

  var index = firstIndex;
  loop {
#if RECORDED
    var random = (row * params.trials + index) * params.words * 2u;
#else
    let trial = params.firstTrial + index;
    var random = randomBlock(address.seed, SPIKES_PURPOSE, address.sequence, trial, 0u);
#endif
    // The words around the one that is paired, [SIDE_WORDS].
    var pre = array<u32, WORDS>();
    var post = array<u32, WORDS>();
    var word = 0u;
    loop {
      for (var i = 1u; i < WORDS; i++) {
        pre[i - 1u] = pre[i];
        post[i - 1u] = post[i];
      }
      pre[WORDS - 1u] = spikeWord(prePlanes, word, &random);
      post[WORDS - 1u] = spikeWord(postPlanes, word, &random);
      preCount += countOneBits(pre[WORDS - 1u]);
      postCount += countOneBits(post[WORDS - 1u]);
      pairWord(counting, pre, post, (word - SIDE_WORDS) * 32u);
      word++;
      continuing {
        break if word == words;
      }
    }
    // The last words have none after them.
    loop {
      for (var i = 1u; i < WORDS; i++) {
        pre[i - 1u] = pre[i];
        post[i - 1u] = post[i];
      }
      pre[WORDS - 1u] = 0u;
      post[WORDS - 1u] = 0u;
      pairWord(counting, pre, post, (word - SIDE_WORDS) * 32u);
      word++;
      continuing {
        break if word == words + SIDE_WORDS;
      }
    }
    index += WORKGROUP_SIZE;
    continuing {
      break if index >= endIndex;
    }
  }

  atomicAdd(&spikeCounts[row * 2u], preCount);
  atomicAdd(&spikeCounts[row * 2u + 1u], postCount);
}
