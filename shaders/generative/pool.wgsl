// The top states of a pool (see MatchingSettings): Normal(½, size²), kept in 0 … 1. A thread owns four units of a state.
// Needs normals.wgsl, `struct NoiseParams` and `struct ClockParams`; twin of drawPool in src/generative/reference/match.ts.

@group(0) @binding(0) var<uniform> params: NoiseParams;
@group(0) @binding(1) var<uniform> clock: ClockParams;
@group(0) @binding(2) var<storage, read> normalTable: array<i32, NORMAL_NODES>;
@group(0) @binding(3) var<storage, read_write> states: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * 64u + thread.x;
  let vectors = (params.units + 3u) / 4u;
  if (at >= params.rows * vectors) {
    return;
  }
  let column = at % vectors;
  let drawn = 0.5 + params.size * normalsAt(at / vectors, clock.update, column);
  let exists = vec4<u32>(column * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.units);
  states[at] = select(vec4<f32>(), clamp(drawn, vec4<f32>(), vec4<f32>(1.0)), exists);
}
