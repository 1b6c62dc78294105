// Adam's step of a map's weights, the end of the product inputᵀ · errors, which is their gradient.
// Needs operands.wgsl and adam.wgsl.

@group(0) @binding(3) var<storage, read_write> weights: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> firstMoments: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> secondMoments: array<vec4<f32>>;
@group(0) @binding(6) var<uniform> adam: AdamParams;

fn store(row: u32, column: u32, gradient: vec4<f32>) {
  let at = row * product.resultVectors + column / 4u;
  var first = firstMoments[at];
  var second = secondMoments[at];
  let moved = adamMoved(weights[at], gradient, &first, &second, adam.weightRate);
  weights[at] = select(vec4<f32>(), moved, columnsExist(column));
  firstMoments[at] = first;
  secondMoments[at] = second;
}
