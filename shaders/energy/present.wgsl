// Shows a batch of images to the input layer: states are pixels / 255. A thread takes four pixels of an example. Images
// follow each other, each filled up to whole words.

@group(0) @binding(0) var<uniform> layer: LayerParams;
@group(0) @binding(1) var<uniform> phase: PhaseParams;
@group(0) @binding(2) var<storage, read> pixels: array<u32>;
// States; rates, where they are kept apart, are worked out from them.
@group(0) @binding(3) var<storage, read_write> units: array<vec4<f32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * WORKGROUP_SIZE + thread.x;
  if (at >= layer.rows * layer.vectors) {
    return;
  }
  units[at] = unpack4x8unorm(pixels[phase.first * layer.vectors + at]);
}
