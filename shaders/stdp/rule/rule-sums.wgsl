// Sums of the user's rule over all trials, in exact 64-bit integers: the weight changes of rule-quanta.wgsl times the
// counts of trials.wgsl. With CELLS a thread owns one step of one row and sums over its bins, without it four bins of one
// row and sums over the steps. Needs product-sums.wgsl.

@group(0) @binding(0) var<uniform> params: RuleParams;
// shape [rows][recordedSteps][binGroups]
@group(0) @binding(1) var<storage, read> histogram: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> quanta: array<vec4<i32>>;
// shape [rows][recordedSteps] with CELLS, [rows][bins] without
@group(0) @binding(3) var<storage, read_write> sums: array<vec2<u32>>;

struct FourSums {
  counts: vec4<u32>,
  sums: ProductSums,
}

fn addGroup(total: ptr<function, FourSums>, at: u32) {
  let counts = histogram[at];
  let here = quanta[at];
  let x = halvesOf(here.x);
  let y = halvesOf(here.y);
  let z = halvesOf(here.z);
  let w = halvesOf(here.w);
  (*total).counts += counts;
  var sums = (*total).sums;
  addProducts(&sums, counts, vec4<u32>(x.x, y.x, z.x, w.x), vec4<u32>(x.y, y.y, z.y, w.y));
  (*total).sums = sums;
}

fn sumOf(total: FourSums, i: u32) -> vec2<u32> {
  return productSum(total.sums, i, total.counts[i]);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let thread = (workgroup.y * workgroups.x + workgroup.x) * 64u + lane;
  var total = FourSums();
#if CELLS
  if (thread >= params.rows * params.recordedSteps) {
    return;
  }
  for (var group = 0u; group < params.binGroups; group++) {
    addGroup(&total, thread * params.binGroups + group);
  }
  sums[thread] = addWide(addWide(sumOf(total, 0u), sumOf(total, 1u)), addWide(sumOf(total, 2u), sumOf(total, 3u)));
#else
  if (thread >= params.rows * params.binGroups) {
    return;
  }
  let row = thread / params.binGroups;
  let group = thread - row * params.binGroups;
  for (var index = 0u; index < params.recordedSteps; index++) {
    addGroup(&total, (row * params.recordedSteps + index) * params.binGroups + group);
  }
  for (var i = 0u; i < 4u; i++) {
    let bin = 4u * group + i;
    if (bin < params.bins) {
      sums[row * params.bins + bin] = sumOf(total, i);
    }
  }
#endif
}
