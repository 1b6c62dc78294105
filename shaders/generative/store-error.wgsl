// Error of a map on its own local target, the end of the product input · weights: error ← (activity − target) · slope,
// divided by the number of rows. Row r has the target of row r mod targetRows. CROSS_ENTROPY: pixels, whose loss leaves
// the slope out. Needs operands.wgsl, activity.wgsl and `struct ErrorParams`.

@group(0) @binding(3) var<storage, read_write> errors: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> biases: array<vec4<f32>>;
@group(0) @binding(5) var<uniform> params: ErrorParams;
@group(0) @binding(6) var<storage, read> goals: array<vec4<f32>>;

fn store(row: u32, column: u32, sums: vec4<f32>) {
  let vector = column / 4u;
  let z = sums + biases[vector];
  var error = activity(z) - goals[row % params.targetRows * product.resultVectors + vector];
#if CROSS_ENTROPY
#else
  error *= slope(z);
#endif
  errors[row * product.resultVectors + vector] =
    select(vec4<f32>(), error / f32(product.rows), columnsExist(column));
}
