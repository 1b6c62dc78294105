// Activity of units with inputs z and its slope: pixels and top units sigmoid, the layers between scaled softplus
// (src/generative/activation.ts). Needs `const HIDDEN_SCALE: f32`.

#if SIGMOID
fn activity(z: vec4<f32>) -> vec4<f32> {
  return 1.0 / (1.0 + exp(-z));
}

fn slope(z: vec4<f32>) -> vec4<f32> {
  let rate = activity(z);
  return rate * (1.0 - rate);
}

fn withinRange(h: vec4<f32>) -> vec4<f32> {
  return clamp(h, vec4<f32>(), vec4<f32>(1.0));
}
#else
fn activity(z: vec4<f32>) -> vec4<f32> {
  // ln(1 + x) for a small x is x − x²/2; the sum 1 + x would lose its digits.
  let x = exp(-abs(z));
  let tail = select(log(1.0 + x), x * (1.0 - x * (0.5 - x / 3.0)), x < vec4<f32>(0.01));
  return HIDDEN_SCALE * (max(z, vec4<f32>()) + tail);
}

fn slope(z: vec4<f32>) -> vec4<f32> {
  return HIDDEN_SCALE / (1.0 + exp(-z));
}

fn withinRange(h: vec4<f32>) -> vec4<f32> {
  return max(h, vec4<f32>());
}
#endif
