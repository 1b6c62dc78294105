// Adds the ways of a layer's units, summed over the batch, times the learning rate, to their biases. A thread takes four
// units. Needs divergence.wgsl.

@group(0) @binding(0) var<uniform> layer: LayerParams;
@group(0) @binding(1) var<uniform> learning: LearningParams;
@group(0) @binding(2) var<storage, read> way: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> biases: array<vec4<f32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  if (thread.x >= layer.vectors) {
    return;
  }
  var sum = vec4<f32>();
  for (var row = 0u; row < layer.rows; row++) {
    sum += way[row * layer.vectors + thread.x];
  }
  let values = biases[thread.x] + learning.rate * sum;
  noteDivergence(values);
  biases[thread.x] = values;
}
