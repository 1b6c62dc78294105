// Monte-Carlo trials of the STDP experiment: draw the spikes of both neurons, pair them (`nearest-exclusive`, STDP
// paper §5.1), and count every presynaptic spike at a recorded step t: in bin d + D for a pair at distance d, in bin D
// for a spike that makes no pair (counters.wgsl). From these counts follow all three rules (curve-tally.wgsl,
// cell-tally.wgsl), since ṡ_i and ρ(s_j) are the same in every trial.
//
// A row is one sequence of one experiment. A workgroup works on one row; a thread runs one trial after another and
// holds the spike trains as words of 32 steps in registers: a presynaptic word and the postsynaptic words around it.
// No workgroup memory and no barrier (on SwiftShader a barrier at the end costs a fifth of the speed). Loops test at
// their end, as SwiftShader runs the body of others once more than needed, with all lanes switched off; branches it
// does not skip at all. Needs philox.wgsl, spikes.wgsl, counters.wgsl, with PLANES_HELD held-planes.wgsl.

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

// Positions of bits are kept as float exponents, position · 2²³ and a constant: converting a word with few significant
// bits to f32 is exact, and takes no shift (see shifts.wgsl).
const STEP = 1u << 23u;
const WORD = 32u * STEP;
const FIRST_EXPONENT = 127u;

// Position of the only set bit; without one, 0. With a sign, which is taken away, the conversion is a single instruction.
fn positionOf(bit: u32) -> u32 {
  return bitcast<u32>(f32(bitcast<i32>(bit))) & 0x7fffffffu;
}

// Position of the highest set bit; without one, 0. Of 16 bits that hold it, so that the conversion does not round up.
fn highestPosition(word: u32) -> u32 {
  let high = word & 0xffff0000u;
  return bitcast<u32>(f32(select(word, high, high != 0u))) & ~(STEP - 1u);
}

fn lowestBit(word: u32) -> u32 {
  return word & (~word + 1u);
}

// Where a workgroup counts: word w of step t is counters[origin + t · stride + w].
struct Counting {
  // D, 1 … 64; above 32 in the kernel with WIDE_WINDOW.
  window: u32,
  stride: u32,
  origin: u32,
}

// Postsynaptic spikes around a presynaptic word: those at the same steps, and the nearest words on either side with
// spikes, so many positions away.
struct PostWords {
  own: u32,
  later: u32,
  laterBy: u32,
  earlier: u32,
  earlierBy: u32,
}

#if WIDE_WINDOW
// Of five words, two before and two after the own.
fn wideWords(first: u32, second: u32, own: u32, fourth: u32, fifth: u32) -> PostWords {
  return PostWords(
    own,
    select(fifth, fourth, fourth != 0u),
    select(2u * WORD, WORD, fourth != 0u),
    select(first, second, second != 0u),
    select(2u * WORD, WORD, second != 0u),
  );
}
#endif

// Pairs and counts the spikes, all at recorded steps, of a presynaptic word that begins at firstStep.
fn pairWord(counting: Counting, pre: u32, firstStep: u32, post: PostWords) {
  let reach = counting.window * STEP;
  let origin = counting.origin + (firstStep - FIRST_EXPONENT) * counting.stride;
  var waiting = pre;
  loop {
    let bit = lowestBit(waiting);
    waiting ^= bit;
    let here = positionOf(bit);
    // The nearest spikes are in the presynaptic spike's own word, else in the first word on that side with spikes.
    let above = post.own & ~(bit | (bit - 1u));
    let below = post.own & (bit - 1u);
    let afterWord = select(post.later, above, above != 0u);
    let beforeWord = select(post.earlier, below, below != 0u);
    let after = positionOf(lowestBit(afterWord)) + select(post.laterBy, 0u, above != 0u) - here;
    let before = here + select(post.earlierBy, 0u, below != 0u) - highestPosition(beforeWord);
    // Without a spike the distance is more than a window, as position 0 is far from all others. No `&&` here and below:
    // SwiftShader takes it for two branches, with masks for each.
    let anyAfter = after <= reach;
    let anyBefore = before <= reach;
    let coincident = (post.own & bit) != 0u;
    let paired = !coincident & (anyAfter != anyBefore);
    let distance = select(0u, select(before, after, anyAfter), paired);
    let one = select(COUNT_BEFORE, COUNT_AFTER, paired & anyAfter);
    // A word without spikes comes here too.
    if (bit != 0u) {
      atomicAdd(&counters[origin + shiftRight23(here) * counting.stride + shiftRight23(distance)], one);
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
#if PLANES_HELD
  let preHeld = holdPlanes(prePlanes);
  let postHeld = holdPlanes(postPlanes);
#endif
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
    // post0 and post1 are the postsynaptic words before the presynaptic word that is paired, pre0, and at its steps.
    var pre0 = 0u;
    var post0 = 0u;
    var post1 = 0u;
#if WIDE_WINDOW
    // Two words before, the one at its steps, and the next.
    var pre1 = 0u;
    var post2 = 0u;
    var post3 = 0u;
#endif
    var word = 0u;
    loop {
#if PLANES_HELD
      let newPre = spikeWordOf(heldPlanes(preHeld, word), prePlanes, word, &random);
      let newPost = spikeWordOf(heldPlanes(postHeld, word), postPlanes, word, &random);
#else
      let newPre = spikeWord(prePlanes, word, &random);
      let newPost = spikeWord(postPlanes, word, &random);
#endif
      preCount += countOneBits(newPre);
      postCount += countOneBits(newPost);
      let recordedPre = newPre & recordedBits(word * 32u);
#if WIDE_WINDOW
      pairWord(counting, pre0, (word - 2u) * 32u, wideWords(post0, post1, post2, post3, newPost));
      pre0 = pre1;
      pre1 = recordedPre;
      post0 = post1;
      post1 = post2;
      post2 = post3;
      post3 = newPost;
#else
      pairWord(counting, pre0, (word - 1u) * 32u, PostWords(post1, newPost, WORD, post0, WORD));
      pre0 = recordedPre;
      post0 = post1;
      post1 = newPost;
#endif
      word++;
      continuing {
        break if word == words;
      }
    }
#if WIDE_WINDOW
    pairWord(counting, pre0, (words - 2u) * 32u, wideWords(post0, post1, post2, post3, 0u));
    pairWord(counting, pre1, (words - 1u) * 32u, wideWords(post1, post2, post3, 0u, 0u));
#else
    pairWord(counting, pre0, (words - 1u) * 32u, PostWords(post1, 0u, WORD, post0, WORD));
#endif
    index += WORKGROUP_SIZE;
    continuing {
      break if index >= endIndex;
    }
  }

  atomicAdd(&spikeCounts[row * 2u], preCount);
  atomicAdd(&spikeCounts[row * 2u + 1u], postCount);
}
