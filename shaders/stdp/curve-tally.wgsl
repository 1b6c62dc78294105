// From the histogram of trials.wgsl to the sums behind the spike-timing curve: per sequence and bin the number of
// presynaptic spikes, Σ ṡ_i ρ(s_j) (Eq. 1) and Σ ṡ_i (Eq. 2), in exact 64-bit integers. A thread owns four bins of one
// sequence. Needs product-sums.wgsl.

@group(0) @binding(0) var<uniform> params: TallyParams;
// shape [rows][recordedSteps][binGroups]
@group(0) @binding(1) var<storage, read> histogram: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> postStates: array<i32>;
// ṡ_i ρ(s_j), shape [rows][recordedSteps] (cell-tally.wgsl)
@group(0) @binding(3) var<storage, read> cellRates: array<i32>;
// shape [rows][bins] each
@group(0) @binding(4) var<storage, read_write> rateSums: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read_write> spikeSums: array<vec2<u32>>;
@group(0) @binding(6) var<storage, read_write> pairs: array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let thread = (workgroup.y * workgroups.x + workgroup.x) * 64u + lane;
  if (thread >= params.rows * params.binGroups) {
    return;
  }
  let row = thread / params.binGroups;
  let group = thread - row * params.binGroups;
  var counts = vec4<u32>();
  var rateSum = ProductSums();
  var spikeSum = ProductSums();
  var cell = row * params.recordedSteps;
  var at = cell * params.binGroups + group;
  var state = row * (params.steps + 1u) + params.firstRecorded;
  var before = postStates[state];
  for (var index = 0u; index < params.recordedSteps; index++) {
    let here = histogram[at];
    state++;
    let after = postStates[state];
    let change = halvesOf(after - before);
    let rate = halvesOf(cellRates[cell]);
    counts += here;
    addProducts(&rateSum, here, vec4<u32>(rate.x), vec4<u32>(rate.y));
    addProducts(&spikeSum, here, vec4<u32>(change.x), vec4<u32>(change.y));
    before = after;
    cell++;
    at += params.binGroups;
  }
  for (var i = 0u; i < 4u; i++) {
    let bin = 4u * group + i;
    if (bin < params.bins) {
      let out = row * params.bins + bin;
      pairs[out] = counts[i];
      rateSums[out] = productSum(rateSum, i, counts[i]);
      spikeSums[out] = productSum(spikeSum, i, counts[i]);
    }
  }
}
