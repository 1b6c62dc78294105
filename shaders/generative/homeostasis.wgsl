// Homeostasis of an encoder: from the inputs of its units over a batch, what their weights are to be multiplied with,
// and their biases. WALKED: a second batch, of the walks, counts too. A thread owns four units.
// Needs `struct HomeostasisParams`; twin of homeostasis in src/generative/reference/regression.ts.

@group(0) @binding(0) var<uniform> params: HomeostasisParams;
@group(0) @binding(1) var<storage, read> inputs: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> biases: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> gains: array<vec4<f32>>;
#if WALKED
@group(0) @binding(4) var<storage, read> walkedInputs: array<vec4<f32>>;
#endif

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let column = thread.x;
  if (column >= params.vectors) {
    return;
  }
  var rows = f32(params.rows);
  var sum = vec4<f32>();
  for (var row = 0u; row < params.rows; row++) {
    sum += inputs[row * params.vectors + column];
  }
#if WALKED
  rows *= 2.0;
  for (var row = 0u; row < params.rows; row++) {
    sum += walkedInputs[row * params.vectors + column];
  }
#endif
  let mean = sum / rows;
  var squares = vec4<f32>();
  for (var row = 0u; row < params.rows; row++) {
    let difference = inputs[row * params.vectors + column] - mean;
    squares += difference * difference;
  }
#if WALKED
  for (var row = 0u; row < params.rows; row++) {
    let difference = walkedInputs[row * params.vectors + column] - mean;
    squares += difference * difference;
  }
#endif
  let gain = 1.0 + params.rate * (params.sd / sqrt(squares / rows + SMALLEST_VARIANCE) - 1.0);
  let bias = biases[column];
  let scaledMean = bias + gain * (mean - bias);
  gains[column] = gain;
  biases[column] = bias + params.rate * (params.mean - scaledMean);
}
