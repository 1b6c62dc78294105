// Monte-Carlo trials of the STDP experiment: draw the spikes of both neurons, pair them (`nearest-exclusive`, STDP
// paper §5.1), and count every presynaptic spike at a recorded step t in histogram[row][t][bin]; bin d + D for a
// pair at distance d, bin D for a spike that makes no pair. From that histogram follow all three rules (tally.wgsl),
// since ṡ_i and ρ(s_j) are the same in every trial.
//
// A row is one sequence of one experiment. A workgroup works on one row; a thread runs one trial after another and holds the spike trains as words of 32
// steps in registers: a presynaptic word and the postsynaptic words around it. No workgroup memory and no barrier
// (on SwiftShader a barrier at the end costs a fifth of the speed). Needs philox.wgsl, spikes.wgsl.

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

// Index of the lowest set bit; counting bits is cheaper than the built-in on every adapter without one in hardware.
fn lowestBit(word: u32) -> u32 {
  return countOneBits((word & (~word + 1u)) - 1u);
}

// 32 steps after bit i of `word`, the first in bit 0.
fn stepsAfter(word: u32, following: u32, i: u32) -> u32 {
  return ((word >> i) >> 1u) | (following << (31u - i));
}

// 32 steps before bit i of `word`, the last in bit 31.
fn stepsBefore(word: u32, preceding: u32, i: u32) -> u32 {
  return ((word << (31u - i)) << 1u) | (preceding >> i);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup.y;
  let address = rows[row];
  let trialsHere = min(params.trials, max(address.trials, params.firstTrial) - params.firstTrial);
  let prePlanes = row * params.words * 8u;
  let postPlanes = (params.rows + row) * params.words * 8u;
  // D, 1 … 64; above 32 in the kernel with WIDE_WINDOW.
  let window = params.window;
  let bins = 2u * window + 1u;
  var preCount = 0u;
  var postCount = 0u;

  for (var turn = 0u; turn < params.trialsPerThread; turn++) {
    let index = (workgroup.x * params.trialsPerThread + turn) * WORKGROUP_SIZE + lane;
    if (index >= trialsHere) {
      break;
    }
    let trial = params.firstTrial + index;
    var random = randomBlock(address.seed, SPIKES_PURPOSE, address.sequence, trial, 0u);

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
          let i = lowestBit(waiting);
          waiting &= waiting - 1u;
#if WIDE_WINDOW
          let coincident = (post2 >> i) & 1u;
          let after0 = stepsAfter(post2, post3, i);
          let after1 = stepsAfter(post3, newPost, i) & lowBits(window - 32u);
          let before0 = stepsBefore(post2, post1, i);
          let before1 = stepsBefore(post1, post0, i) & ~lowBits(64u - window);
          let anyAfter = (after0 | after1) != 0u;
          let anyBefore = (before0 | before1) != 0u;
          let after = 1u + select(32u + lowestBit(after1), lowestBit(after0), after0 != 0u);
          let before = 32u - select(firstLeadingBit(before1) - 32u, firstLeadingBit(before0), before0 != 0u);
#else
          let coincident = (post1 >> i) & 1u;
          let after0 = stepsAfter(post1, newPost, i) & lowBits(window);
          let before0 = stepsBefore(post1, post0, i) & ~lowBits(32u - window);
          let anyAfter = after0 != 0u;
          let anyBefore = before0 != 0u;
          let after = 1u + lowestBit(after0);
          let before = 32u - firstLeadingBit(before0);
#endif
          let paired = coincident == 0u && anyAfter != anyBefore;
          let bin = select(window, select(window - before, window + after, anyAfter), paired);
          let cell = row * params.recordedSteps + firstStep + i - params.firstRecorded;
          atomicAdd(&histogram[cell * bins + bin], 1u);
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
