// Squared distances of test points (rows) from centres (columns), the end of the product points · centresᵀ:
// ‖x‖² + ‖c‖² − 2 x · c. Needs operands.wgsl.

@group(0) @binding(3) var<storage, read_write> squaredDistances: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> pointSquares: array<f32>;
@group(0) @binding(5) var<storage, read> centreSquares: array<vec4<f32>>;

fn store(row: u32, column: u32, sums: vec4<f32>) {
  squaredDistances[row * product.resultVectors + column / 4u] =
    max(vec4<f32>(), pointSquares[row] + centreSquares[column / 4u] - 2.0 * sums);
}
