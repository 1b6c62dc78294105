// Adam's step of a map's biases; the gradient is the sum of the errors over the rows. A thread owns four units.
// Needs adam.wgsl and `struct RowParams`.

@group(0) @binding(0) var<uniform> params: RowParams;
@group(0) @binding(1) var<uniform> adam: AdamParams;
@group(0) @binding(2) var<storage, read> errors: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> biases: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> firstMoments: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> secondMoments: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let column = thread.x;
  if (column >= params.vectors) {
    return;
  }
  var gradient = vec4<f32>();
  for (var row = 0u; row < params.rows; row++) {
    gradient += errors[row * params.vectors + column];
  }
  var first = firstMoments[column];
  var second = secondMoments[column];
  biases[column] = adamMoved(biases[column], gradient, &first, &second, adam.biasRate);
  firstMoments[column] = first;
  secondMoments[column] = second;
}
