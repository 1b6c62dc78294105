// Pixels where they are seen, the model's own reconstruction elsewhere (generative paper, §8): seen ← visible ? pixels :
// reconstruction. A thread owns four pixels. Needs `struct RowParams`.

@group(0) @binding(0) var<uniform> params: RowParams;
@group(0) @binding(1) var<storage, read> pixels: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> visible: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> reconstruction: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> seen: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * 64u + thread.x;
  if (at < params.rows * params.vectors) {
    seen[at] = select(reconstruction[at], pixels[at], visible[at] > vec4<f32>());
  }
}
