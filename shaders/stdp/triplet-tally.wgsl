// Sums over what triplet-trials.wgsl counted, in exact 64-bit integers, with the sign of each side of d = 0. With CELLS a
// thread owns one step of one row and sums over its distances, without it one distance of one row and sums over the steps.
// Needs wide.wgsl.

@group(0) @binding(0) var<uniform> params: TripletTallyParams;
// shape [rows][recordedSteps][distances]
@group(0) @binding(1) var<storage, read> tripletSums: array<vec2<u32>>;
// shape [rows][recordedSteps] with CELLS, [rows][distances] without
@group(0) @binding(2) var<storage, read_write> sums: array<vec2<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let thread = (workgroup.y * workgroups.x + workgroup.x) * 64u + lane;
#if CELLS
  if (thread >= params.rows * params.recordedSteps) {
    return;
  }
  var total = vec2<u32>();
  for (var bin = 0u; bin < params.distances; bin++) {
    let here = tripletSums[thread * params.distances + bin];
    if (bin < params.firstAfter) {
      total = addWide(total, negateWide(here));
    } else {
      total = addWide(total, here);
    }
  }
  sums[thread] = total;
#else
  if (thread >= params.rows * params.distances) {
    return;
  }
  let row = thread / params.distances;
  let bin = thread - row * params.distances;
  var total = vec2<u32>();
  for (var step = 0u; step < params.recordedSteps; step++) {
    total = addWide(total, tripletSums[(row * params.recordedSteps + step) * params.distances + bin]);
  }
  if (bin < params.firstAfter) {
    total = negateWide(total);
  }
  sums[thread] = total;
#endif
}
