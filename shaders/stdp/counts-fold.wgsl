// Adds the counters of trials (counters.wgsl) to words of their own and clears them. A thread owns four words of
// counters, which become two vectors: the counts in lower halves, and those in upper halves.

@group(0) @binding(0) var<uniform> params: CountsFoldParams;
@group(0) @binding(1) var<storage, read_write> counters: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> folded: array<vec4<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = (workgroup.y * workgroups.x + workgroup.x) * 64u + lane;
  if (at >= params.vectors) {
    return;
  }
  let words = counters[at];
  folded[2u * at] += words & vec4<u32>(0xffffu);
  folded[2u * at + 1u] += words >> vec4<u32>(16u);
  counters[at] = vec4<u32>();
}
