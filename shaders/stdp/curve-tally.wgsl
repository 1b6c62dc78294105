// From the histogram of trials.wgsl to the sums behind the spike-timing curve: per sequence and bin the number of
// presynaptic spikes, Σ ṡ_i ρ(s_j) (Eq. 1) and Σ ṡ_i (Eq. 2), in exact 64-bit integers. A thread owns one bin of one
// sequence; the threads of a workgroup read neighbouring bins. Needs wide.wgsl.

@group(0) @binding(0) var<uniform> params: TallyParams;
@group(0) @binding(1) var<storage, read> histogram: array<u32>;
@group(0) @binding(2) var<storage, read> postStates: array<i32>;
@group(0) @binding(3) var<storage, read> preRates: array<u32>;
// shape [rows][bins] each
@group(0) @binding(4) var<storage, read_write> rateSums: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read_write> spikeSums: array<vec2<u32>>;
@group(0) @binding(6) var<storage, read_write> pairs: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let bin = thread.x;
  let row = thread.y;
  if (bin >= params.bins) {
    return;
  }
  var count = 0u;
  var rateSum = vec2<u32>();
  var spikeSum = vec2<u32>();
  for (var index = 0u; index < params.recordedSteps; index++) {
    let here = histogram[(row * params.recordedSteps + index) * params.bins + bin];
    if (here != 0u) {
      let t = params.firstRecorded + index;
      let state = row * (params.steps + 1u) + t;
      let change = postStates[state + 1u] - postStates[state];
      let rate = multiplyShift(change, preRates[row * params.steps + t], RHO_FRACTION_BITS);
      count += here;
      rateSum = addWide(rateSum, multiplySigned(rate, here));
      spikeSum = addWide(spikeSum, multiplySigned(change, here));
    }
  }
  let out = row * params.bins + bin;
  pairs[out] = count;
  rateSums[out] = rateSum;
  spikeSums[out] = spikeSum;
}
