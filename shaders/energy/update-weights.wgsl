// Adds the sums of a product, times the learning rate, to the weights of a connection. NO_SELF: units of a layer that
// is connected with itself have no weight to themselves. Needs operands.wgsl, divergence.wgsl.

@group(0) @binding(3) var<storage, read_write> weights: array<vec4<f32>>;
@group(0) @binding(4) var<uniform> learning: LearningParams;

fn store(row: u32, column: u32, sums: vec4<f32>) {
  let at = row * product.resultVectors + column / 4u;
  var values = weights[at] + learning.rate * sums;
#if NO_SELF
  values = select(values, vec4<f32>(), vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) == vec4<u32>(row));
#endif
  values = select(vec4<f32>(), values, columnsExist(column));
  noteDivergence(values);
  weights[at] = values;
}
