// What becomes of the sums of a product: result ← f(scale · sums + kept share of what was there + bias).
// Needs operands.wgsl. KEEP reads the result before it is written; BIAS adds a vector to every row.

@group(0) @binding(3) var<storage, read_write> result: array<vec4<f32>>;
#if BIAS
@group(0) @binding(4) var<storage, read> bias: array<vec4<f32>>;
#endif

fn store(row: u32, column: u32, sums: vec4<f32>) {
  let at = row * product.resultVectors + column / 4u;
  var values = product.scale * sums;
#if KEEP
  values += product.keep * result[at];
#endif
#if BIAS
  values += bias[column / 4u];
#endif
  result[at] = select(vec4<f32>(), nonlinear(values), columnsExist(column));
}

fn nonlinear(x: vec4<f32>) -> vec4<f32> {
#if SOFTPLUS
  // ln(1 + e^x), written so that nothing overflows.
  return max(x, vec4<f32>()) + log(1.0 + exp(-abs(x)));
#elif SIGMOID
  return 1.0 / (1.0 + exp(-x));
#elif CLIP
  return clamp(x, vec4<f32>(), vec4<f32>(1.0));
#elif RECTIFY
  return max(x, vec4<f32>());
#else
  return x;
#endif
}
