// Monte-Carlo trials of the STDP experiment: draw the spikes of both neurons, pair them (`nearest-exclusive`, STDP
// paper §5.1), and count every presynaptic spike at a recorded step t in histogram[row][t][bin] (rows of bins padded to a multiple of four); bin d + D for a
// pair at distance d, bin D for a spike that makes no pair. From that histogram follow all three rules (curve-tally.wgsl,
// cell-tally.wgsl),
// since ṡ_i and ρ(s_j) are the same in every trial.
//
// A row is one sequence of one experiment. A workgroup works on one row; a thread runs one trial after another and
// holds the spike trains as words of 32 steps in registers: a presynaptic word and the postsynaptic words around it.
// No workgroup memory and no barrier (on SwiftShader a barrier at the end costs a fifth of the speed). Needs
// philox.wgsl, spikes.wgsl.

@group(0) @binding(0) var<uniform> params: TrialsParams;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> planes: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> histogram: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> spikeCounts: array<atomic<u32>>;

override WORKGROUP_SIZE: u32 = 64u;

// Words before and after the presynaptic one that a window reaches.
#if WIDE_WINDOW
const REACH = 2u;
#else
const REACH = 1u;
#endif

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

// Position of the only set bit.
fn positionOf(bit: u32) -> u32 {
  return bitcast<u32>(f32(bit));
}

// Position of the highest set bit: of 16 bits that hold it, so that the conversion does not round up.
fn highestPosition(word: u32) -> u32 {
  let high = word & 0xffff0000u;
  return bitcast<u32>(f32(select(word, high, high != 0u))) & ~(STEP - 1u);
}

fn lowestBit(word: u32) -> u32 {
  return word & (~word + 1u);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup.y;
  let address = rows[row];
  let trialsHere = min(params.trials, max(address.endTrial, params.firstTrial) - params.firstTrial);
  let prePlanes = row * params.words * 8u;
  let postPlanes = (params.rows + row) * params.words * 8u;
  // D, 1 … 64; above 32 in the kernel with WIDE_WINDOW.
  let window = params.window;
  let reach = window * STEP;
  // Bins of a step, and up to three that stay empty: 4 ⌈(2D + 1) / 4⌉.
  let stride = 2u * window + 4u - ((2u * window) & 3u);
  var preCount = 0u;
  var postCount = 0u;

  for (var turn = 0u; turn < params.trialsPerThread; turn++) {
    let index = (workgroup.x * params.trialsPerThread + turn) * WORKGROUP_SIZE + lane;
    if (index >= trialsHere) {
      break;
    }
#if RECORDED
    var random = (row * params.trials + index) * params.words * 2u;
#else
    let trial = params.firstTrial + index;
    var random = randomBlock(address.seed, SPIKES_PURPOSE, address.sequence, trial, 0u);
#endif

    // post[k] is the postsynaptic word k − REACH after the presynaptic word that is paired, pre[0].
    var pre0 = 0u;
    var post0 = 0u;
    var post1 = 0u;
#if WIDE_WINDOW
    var pre1 = 0u;
    var post2 = 0u;
    var post3 = 0u;
#endif
    for (var word = 0u; word < params.words + REACH; word++) {
      var newPre = 0u;
      var newPost = 0u;
      if (word < params.words) {
        newPre = spikeWord(prePlanes + word * 8u, &random);
        newPost = spikeWord(postPlanes + word * 8u, &random);
        preCount += countOneBits(newPre);
        postCount += countOneBits(newPost);
      }
      if (word >= REACH) {
        let firstStep = (word - REACH) * 32u;
        var waiting = pre0 & recordedBits(firstStep);
        while (waiting != 0u) {
          let bit = lowestBit(waiting);
          waiting ^= bit;
          let here = positionOf(bit);
#if WIDE_WINDOW
          let word0 = post2;
          let later = select(newPost, post3, post3 != 0u);
          let laterBy = select(2u * WORD, WORD, post3 != 0u);
          let earlier = select(post0, post1, post1 != 0u);
          let earlierBy = select(2u * WORD, WORD, post1 != 0u);
#else
          let word0 = post1;
          let later = newPost;
          let laterBy = WORD;
          let earlier = post0;
          let earlierBy = WORD;
#endif
          // The nearest spikes are in the presynaptic spike's own word, else in the first word on that side with spikes.
          let above = word0 & ~(bit | (bit - 1u));
          let below = word0 & (bit - 1u);
          let afterWord = select(later, above, above != 0u);
          let beforeWord = select(earlier, below, below != 0u);
          let after = positionOf(lowestBit(afterWord)) + select(laterBy, 0u, above != 0u) - here;
          let before = here + select(earlierBy, 0u, below != 0u) - highestPosition(beforeWord);
          let anyAfter = afterWord != 0u && after <= reach;
          let anyBefore = beforeWord != 0u && before <= reach;
          let coincident = (word0 & bit) != 0u;
          let paired = !coincident && anyAfter != anyBefore;
          let distance = select(0u, select(0u - before, after, anyAfter), paired);
          let bin = window + shiftRight23(distance);
          let t = firstStep + shiftRight23(here) - FIRST_EXPONENT;
          let cell = row * params.recordedSteps + t - params.firstRecorded;
          atomicAdd(&histogram[cell * stride + bin], 1u);
        }
      }
#if WIDE_WINDOW
      pre0 = pre1;
      pre1 = newPre;
      post0 = post1;
      post1 = post2;
      post2 = post3;
      post3 = newPost;
#else
      pre0 = newPre;
      post0 = post1;
      post1 = newPost;
#endif
    }
  }

  atomicAdd(&spikeCounts[row * 2u], preCount);
  atomicAdd(&spikeCounts[row * 2u + 1u], postCount);
}
