// Monte-Carlo trials like scheme-trials.wgsl, under the triplet schemes (Pfister & Gerstner 2006): besides the pairs,
// tripletSums[row][t][d + D] has what earlier spikes add to their weight changes, as sizes (units 2^−G) in 64 bits. A pair
// is counted at its later spike, where all it depends on has passed: the other spike's step is a bit of a `Reach`, the
// nearest one lowest, and the trace of the later spike's own neuron says how many spikes that neuron had before.
// Twin of src/stdp/triplet.ts.
//
// A row is one sequence of one experiment. A workgroup works on one row; a thread runs one trial after another and
// holds both traces, and the last 96 steps of both spike trains, in registers. Needs philox.wgsl, spikes.wgsl,
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
@group(0) @binding(5) var<uniform> triplet: TripletParams;
// Size of the triplet term for a trace of 1, shape [experiments][2D + 1].
@group(0) @binding(6) var<storage, read> terms: array<u32>;
// What k steps leave of a trace, units 2⁻³¹, shape [experiments][2][decaySteps]: presynaptic, postsynaptic.
@group(0) @binding(7) var<storage, read> decays: array<u32>;
// shape [rows][recordedSteps][2D + 1][2]: low word, high word
@group(0) @binding(8) var<storage, read_write> tripletSums: array<atomic<u32>>;

override WORKGROUP_SIZE: u32 = 64u;

// A spike sets its neuron's trace to 1 and makes pairs with the last spike of the other; otherwise with all.
override NEAREST: bool = false;
// Of coincident spikes the presynaptic one comes first, or last; with neither they make no pair.
override CAUSAL: bool = false;
override ACAUSAL: bool = false;

// The words of a spike train around a step: two before the step's own, and that.
alias Words = vec3<u32>;
// 64 steps before a step: bit k − 1 is the step at distance k.
alias Reach = vec2<u32>;

struct Trace {
  value: u32,
  // Step of the last spike.
  last: u32,
}

// The lowest `count` bits; count may exceed 32.
fn lowBits(count: u32) -> u32 {
  return select((1u << (count & 31u)) - 1u, 0xffffffffu, count >= 32u);
}

// The steps before bit b of the last word.
fn reachBefore(words: Words, b: u32) -> Reach {
  let next = 31u - b;
  return Reach(
    reverseBits((words.y >> b) | ((words.z << 1u) << next)),
    reverseBits((words.x >> b) | ((words.y << 1u) << next)),
  );
}

fn nearest(steps: Reach) -> Reach {
  return Reach(steps.x & (~steps.x + 1u), select(steps.y & (~steps.y + 1u), 0u, steps.x != 0u));
}

// The trace just before a spike at step t, which then adds to it. decay: where the neuron's table begins.
fn passSpike(trace: ptr<function, Trace>, t: u32, decay: u32) -> u32 {
  let passed = t - (*trace).last;
  var before = 0u;
  if (passed < triplet.decaySteps) {
    let product = addWide(multiplyWide((*trace).value, decays[decay + passed]), vec2<u32>(1u << 30u, 0u));
    before = (product.y << 1u) | (product.x >> 31u);
  }
  *trace = Trace(select(before, 0u, NEAREST) + triplet.one, t);
  return before;
}

// Word 0 of a recorded step.
fn firstCounter(row: u32, t: u32) -> u32 {
  return (row * params.recordedSteps + t - params.firstRecorded) * counterWords(params.window);
}

// Counts a pair of the presynaptic spike at step t, if that is recorded.
fn countPair(row: u32, t: u32, bin: u32, trace: u32, firstTerm: u32) {
  if (t < params.firstRecorded || t >= params.endRecorded) {
    return;
  }
  let window = params.window;
  let after = bin > window;
  let word = select(window - bin, bin - window, after);
  atomicAdd(&counters[firstCounter(row, t) + word], select(COUNT_BEFORE, COUNT_AFTER, after));
  let cell = row * params.recordedSteps + t - params.firstRecorded;
  let product = multiplyWide(trace, terms[firstTerm + bin]);
  let size = product.y + (product.x >> 31u);
  if (size == 0u) {
    return;
  }
  let at = (cell * (2u * window + 1u) + bin) * 2u;
  let sum = atomicAdd(&tripletSums[at], size) + size;
  if (sum < size) {
    atomicAdd(&tripletSums[at + 1u], 1u);
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup.y;
  let address = rows[row];
  let trialsHere = min(params.trials, max(address.endTrial, params.firstTrial) - params.firstTrial);
  let prePlanes = planesOf(0u, row, params.rows, params.words);
  let postPlanes = planesOf(1u, row, params.rows, params.words);
  // D, 1 … 64.
  let window = params.window;
  let within = Reach(lowBits(window), lowBits(max(window, 32u) - 32u));
  let firstTerm = address.part * (2u * window + 1u);
  let preDecay = address.part * 2u * triplet.decaySteps;
  let postDecay = preDecay + triplet.decaySteps;
#if FOR_CPU
  // There are words, but the compiler does not know.
  let rowWords = params.recordedSteps * counterWords(window);
  var preCount = select(0u, fetchCounters(row * rowWords, rowWords, lane), params.words == 0u);
#else
  var preCount = 0u;
#endif
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
    var pre = Words();
    var post = Words();
    var preTrace = Trace();
    var postTrace = Trace();
    for (var word = 0u; word < params.words; word++) {
      pre = Words(pre.yz, spikeWord(prePlanes, word, &random));
      post = Words(post.yz, spikeWord(postPlanes, word, &random));
      preCount += countOneBits(pre.z);
      postCount += countOneBits(post.z);
      // Presynaptic spikes after postsynaptic ones.
      for (var waiting = pre.z; waiting != 0u; waiting &= waiting - 1u) {
        let b = countTrailingZeros(waiting);
        let t = word * 32u + b;
        let trace = passSpike(&preTrace, t, preDecay);
        if (t < params.firstRecorded || t >= params.endRecorded) {
          continue;
        }
        // Bin 2D + 1.
        atomicAdd(&counters[firstCounter(row, t)], COUNT_AFTER);
        let coincident = ACAUSAL && ((post.z >> b) & 1u) != 0u;
        var partners = reachBefore(post, b) & within;
        if (coincident) {
          countPair(row, t, window, trace, firstTerm);
        }
        if (NEAREST) {
          partners = select(nearest(partners), Reach(), coincident);
        }
        for (var side = 0u; side < 2u; side++) {
          for (var left = partners[side]; left != 0u; left &= left - 1u) {
            countPair(row, t, window - 32u * side - countTrailingZeros(left) - 1u, trace, firstTerm);
          }
        }
      }
      // Postsynaptic spikes after presynaptic ones.
      for (var waiting = post.z; waiting != 0u; waiting &= waiting - 1u) {
        let b = countTrailingZeros(waiting);
        let t = word * 32u + b;
        let trace = passSpike(&postTrace, t, postDecay);
        let coincident = CAUSAL && ((pre.z >> b) & 1u) != 0u;
        var partners = reachBefore(pre, b) & within;
        if (coincident) {
          countPair(row, t, window, trace, firstTerm);
        }
        if (NEAREST) {
          partners = select(nearest(partners), Reach(), coincident);
        }
        for (var side = 0u; side < 2u; side++) {
          for (var left = partners[side]; left != 0u; left &= left - 1u) {
            let d = 32u * side + countTrailingZeros(left) + 1u;
            countPair(row, t - d, window + d, trace, firstTerm);
          }
        }
      }
    }
  }

  atomicAdd(&spikeCounts[row * 2u], preCount);
  atomicAdd(&spikeCounts[row * 2u + 1u], postCount);
}
