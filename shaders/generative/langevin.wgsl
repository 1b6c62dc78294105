// Langevin noise of inference (generative paper, Algorithm 1): h ← h + size · n, n ~ Normal(0, 1), kept within the range
// of the units. A thread owns four units of a row. Needs philox.wgsl, normal.wgsl, activity.wgsl and
// `struct NoiseParams`; twin of normalsOf in src/generative/noise.ts.

@group(0) @binding(0) var<uniform> params: NoiseParams;
@group(0) @binding(1) var<storage, read> normalTable: array<i32, NORMAL_NODES>;
@group(0) @binding(2) var<storage, read_write> state: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * 64u + thread.x;
  let vectors = (params.units + 3u) / 4u;
  if (at >= params.rows * vectors) {
    return;
  }
  let column = at % vectors;
  let noise = params.size * normalsAt(params.firstRow + at / vectors, params.time, column);
  let exists = vec4<u32>(column * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.units);
  state[at] = select(vec4<f32>(), withinRange(state[at] + noise), exists);
}
