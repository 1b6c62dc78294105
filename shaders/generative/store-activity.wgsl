// A map between layers, the end of a product: result ← activity(input · weights + biases).
// Needs operands.wgsl and activity.wgsl.

@group(0) @binding(3) var<storage, read_write> result: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> biases: array<vec4<f32>>;

fn store(row: u32, column: u32, sums: vec4<f32>) {
  let values = activity(sums + biases[column / 4u]);
  result[row * product.resultVectors + column / 4u] = select(vec4<f32>(), values, columnsExist(column));
}
