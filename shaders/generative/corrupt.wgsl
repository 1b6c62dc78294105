// Gaussian corruption of a layer (generative paper, Algorithm 2): noisy ← clean + size · sd(unit) · n, in the rows from
// outputRow on. HIDDEN: sd from the running variance of the unit, else 1. A thread owns four units of a row.
// Needs normals.wgsl and `struct NoiseParams`.

@group(0) @binding(0) var<uniform> params: NoiseParams;
@group(0) @binding(1) var<storage, read> normalTable: array<i32, NORMAL_NODES>;
@group(0) @binding(2) var<storage, read> clean: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> noisy: array<vec4<f32>>;
#if HIDDEN
@group(0) @binding(4) var<storage, read> variance: array<vec4<f32>>;
#endif
@group(0) @binding(5) var<uniform> clock: ClockParams;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * 64u + thread.x;
  let vectors = (params.units + 3u) / 4u;
  if (at >= params.rows * vectors) {
    return;
  }
  let column = at % vectors;
  var sd = vec4<f32>(params.size);
#if HIDDEN
  sd *= sqrt(variance[column]);
#endif
  let noise = sd * normalsAt(params.firstRow + at / vectors, clock.update * SLOTS + params.time, column);
  let exists = vec4<u32>(column * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.units);
  noisy[params.outputRow * vectors + at] = select(vec4<f32>(), clean[at] + noise, exists);
}
