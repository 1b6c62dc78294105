// From the histogram of trials.wgsl to the agreement of the rules: per row and recorded step the rate rule
// ṡ_i ρ(s_j) (Eq. 1) and the pair rule summed over trials, in exact 64-bit integers. A thread owns one step of one
// row. Needs wide.wgsl.

@group(0) @binding(0) var<uniform> params: TallyParams;
@group(0) @binding(1) var<storage, read> histogram: array<u32>;
@group(0) @binding(2) var<storage, read> postStates: array<i32>;
@group(0) @binding(3) var<storage, read> preRates: array<u32>;
@group(0) @binding(4) var<storage, read> rows: array<Row>;
// shape [experiments][bins]
@group(0) @binding(5) var<storage, read> kernel: array<i32>;
// shape [rows][recordedSteps]
@group(0) @binding(6) var<storage, read_write> cellRates: array<i32>;
@group(0) @binding(7) var<storage, read_write> cellPairs: array<vec2<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let index = thread.x;
  let row = thread.y;
  if (index >= params.recordedSteps) {
    return;
  }
  let t = params.firstRecorded + index;
  let state = row * (params.steps + 1u) + t;
  let change = postStates[state + 1u] - postStates[state];
  let out = row * params.recordedSteps + index;
  cellRates[out] = multiplyShift(change, preRates[row * params.steps + t], RHO_FRACTION_BITS);
  let firstBin = rows[row].part * params.bins;
  var sum = vec2<u32>();
  for (var bin = 0u; bin < params.bins; bin++) {
    let here = histogram[out * params.bins + bin];
    if (here != 0u) {
      sum = addWide(sum, multiplySigned(kernel[firstBin + bin], here));
    }
  }
  cellPairs[out] = sum;
}
