// The kernel that anyone writes first: one thread runs one trial, draws every spike by itself with a counter-based
// generator, keeps the spike trains as bits in private words, looks for the nearest postsynaptic spikes step by step,
// and adds to a histogram of its workgroup, which goes to global memory at the end. A workgroup works on one sequence.
// WORDS and BINS are put before this text by naive.ts; private arrays cannot be sized by pipeline constants.
// Needs philox.wgsl.

@group(0) @binding(0) var<uniform> params: NaiveParams;
// probabilities in units of 2⁻³¹ and the rate rule in units of 2⁻¹⁶, shape [sequences][steps]
@group(0) @binding(1) var<storage, read> preProbabilities: array<u32>;
@group(0) @binding(2) var<storage, read> postProbabilities: array<u32>;
@group(0) @binding(3) var<storage, read> rates: array<i32>;
// shape [sequences][BINS]
@group(0) @binding(4) var<storage, read_write> pairs: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read_write> rateSums: array<atomic<i32>>;
// shape [sequences][2]
@group(0) @binding(6) var<storage, read_write> spikeCounts: array<atomic<u32>>;

var<workgroup> pairsHere: array<atomic<u32>, BINS>;
var<workgroup> rateSumsHere: array<atomic<i32>, BINS>;
var<workgroup> spikesHere: array<atomic<u32>, 2>;

const WORKGROUP_SIZE = 64u;
const PURPOSE_PRE = 16u;
const PURPOSE_POST = 17u;

// Steps for which one turn of the sampling loop draws.
#if WHOLE_BLOCKS
const STEPS_PER_TURN = 2u;
#else
const STEPS_PER_TURN = 1u;
#endif

// 1 with the given probability, otherwise 0.
fn spike(draw: u32, probability: u32) -> u32 {
  return select(0u, 1u, (draw >> 1u) < probability);
}

// Bit t of a spike train; no spike outside of it.
fn spikeAt(train: ptr<function, array<u32, WORDS>>, t: i32) -> bool {
  if (t < 0 || t >= i32(params.steps)) {
    return false;
  }
  return (((*train)[u32(t) >> 5u] >> (u32(t) & 31u)) & 1u) == 1u;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let sequence = workgroup.y;
  let trial = params.firstTrial + workgroup.x * WORKGROUP_SIZE + lane;
  let firstCell = sequence * params.steps;

  if (workgroup.x * WORKGROUP_SIZE + lane < params.trials) {
    var pre: array<u32, WORDS>;
    var post: array<u32, WORDS>;
    var preCount = 0u;
    var postCount = 0u;
    for (var word = 0u; word < WORDS; word++) {
      var preWord = 0u;
      var postWord = 0u;
      let end = min(32u, params.steps - word * 32u);
      for (var bit = 0u; bit < end; bit += STEPS_PER_TURN) {
        let t = word * 32u + bit;
        let cell = firstCell + t;
#if WHOLE_BLOCKS
        let block = randomBlock(params.seed, PURPOSE_PRE, sequence, trial, t >> 1u);
        preWord |= spike(block.x, preProbabilities[cell]) << bit;
        postWord |= spike(block.y, postProbabilities[cell]) << bit;
        if (bit + 1u < end) {
          preWord |= spike(block.z, preProbabilities[cell + 1u]) << (bit + 1u);
          postWord |= spike(block.w, postProbabilities[cell + 1u]) << (bit + 1u);
        }
#else
        let preDraw = randomBlock(params.seed, PURPOSE_PRE, sequence, trial, t).x;
        let postDraw = randomBlock(params.seed, PURPOSE_POST, sequence, trial, t).x;
        preWord |= spike(preDraw, preProbabilities[cell]) << bit;
        postWord |= spike(postDraw, postProbabilities[cell]) << bit;
#endif
      }
      pre[word] = preWord;
      post[word] = postWord;
      preCount += countOneBits(preWord);
      postCount += countOneBits(postWord);
    }

    let window = i32(params.window);
    for (var t = params.firstPaired; t < params.firstPaired + params.pairedSteps; t++) {
      if (!spikeAt(&pre, i32(t)) || spikeAt(&post, i32(t))) {
        continue;
      }
      var after = 0;
      for (var d = 1; d <= window; d++) {
        if (spikeAt(&post, i32(t) + d)) {
          after = d;
          break;
        }
      }
      var before = 0;
      for (var d = 1; d <= window; d++) {
        if (spikeAt(&post, i32(t) - d)) {
          before = d;
          break;
        }
      }
      if ((after == 0) != (before == 0)) {
        let bin = window + after - before;
        atomicAdd(&pairsHere[bin], 1u);
        atomicAdd(&rateSumsHere[bin], rates[firstCell + t]);
      }
    }
    atomicAdd(&spikesHere[0], preCount);
    atomicAdd(&spikesHere[1], postCount);
  }

  workgroupBarrier();
  for (var bin = lane; bin < BINS; bin += WORKGROUP_SIZE) {
    atomicAdd(&pairs[sequence * BINS + bin], atomicLoad(&pairsHere[bin]));
    atomicAdd(&rateSums[sequence * BINS + bin], atomicLoad(&rateSumsHere[bin]));
  }
  if (lane < 2u) {
    atomicAdd(&spikeCounts[sequence * 2u + lane], atomicLoad(&spikesHere[lane]));
  }
}
