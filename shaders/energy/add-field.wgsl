// Stores the sums of a product on top of a field that stays as it is: out ← base + sums. Needs operands.wgsl.

@group(0) @binding(3) var<storage, read_write> result: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> base: array<vec4<f32>>;

fn store(row: u32, column: u32, sums: vec4<f32>) {
  let at = row * product.resultVectors + column / 4u;
  result[at] = select(vec4<f32>(), base[at] + sums, columnsExist(column));
}
