// Multiplies the weights of each unit with its gain. A thread owns four weights. Needs `struct RowParams`.

@group(0) @binding(0) var<uniform> params: RowParams;
@group(0) @binding(1) var<storage, read> gains: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> weights: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * 64u + thread.x;
  if (at < params.rows * params.vectors) {
    weights[at] *= gains[at % params.vectors];
  }
}
