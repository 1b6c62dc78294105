// Brings the images of a batch together: pixels ← bytes / 255 of image order[first + row]. A thread owns four pixels.
// Needs `struct RowParams` and `struct ClockParams`.

@group(0) @binding(0) var<uniform> params: RowParams;
@group(0) @binding(1) var<uniform> clock: ClockParams;
// four pixels a word, rows of whole words
@group(0) @binding(2) var<storage, read> images: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read_write> pixels: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * 64u + thread.x;
  if (at < params.rows * params.vectors) {
    let image = order[clock.firstImage + at / params.vectors];
    pixels[at] = unpack4x8unorm(images[image * params.vectors + at % params.vectors]);
  }
}
