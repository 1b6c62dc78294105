// From the histogram of trials.wgsl to the agreement of the rules: per row and recorded step the rate rule
// ṡ_i ρ(s_j) (Eq. 1) and the pair rule summed over trials, in exact 64-bit integers. A thread owns one step of one
// row. Needs product-sums.wgsl.

@group(0) @binding(0) var<uniform> params: TallyParams;
// shape [rows][recordedSteps][binGroups]
@group(0) @binding(1) var<storage, read> histogram: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> postStates: array<i32>;
@group(0) @binding(3) var<storage, read> preRates: array<u32>;
@group(0) @binding(4) var<storage, read> rows: array<Row>;
// shape [experiments][binGroups]
@group(0) @binding(5) var<storage, read> kernel: array<vec4<i32>>;
// shape [rows][recordedSteps]
@group(0) @binding(6) var<storage, read_write> cellRates: array<i32>;
@group(0) @binding(7) var<storage, read_write> cellPairs: array<vec2<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let cell = (workgroup.y * workgroups.x + workgroup.x) * 64u + lane;
  if (cell >= params.rows * params.recordedSteps) {
    return;
  }
  let row = cell / params.recordedSteps;
  let t = params.firstRecorded + cell - row * params.recordedSteps;
  let state = row * (params.steps + 1u) + t;
  let change = postStates[state + 1u] - postStates[state];
  cellRates[cell] = multiplyShift(change, preRates[row * params.steps + t], RHO_FRACTION_BITS);
  let firstGroup = rows[row].part * params.binGroups;
  var counts = vec4<u32>();
  var sums = ProductSums();
  for (var group = 0u; group < params.binGroups; group++) {
    let here = histogram[cell * params.binGroups + group];
    let weights = kernel[firstGroup + group];
    let x = halvesOf(weights.x);
    let y = halvesOf(weights.y);
    let z = halvesOf(weights.z);
    let w = halvesOf(weights.w);
    counts += here;
    addProducts(&sums, here, vec4<u32>(x.x, y.x, z.x, w.x), vec4<u32>(x.y, y.y, z.y, w.y));
  }
  let firstTwo = addWide(productSum(sums, 0u, counts.x), productSum(sums, 1u, counts.y));
  let lastTwo = addWide(productSum(sums, 2u, counts.z), productSum(sums, 3u, counts.w));
  cellPairs[cell] = addWide(firstTwo, lastTwo);
}
