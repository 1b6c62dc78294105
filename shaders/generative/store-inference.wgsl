// One step of INFERENCE for one layer (generative paper, Algorithm 2), the end of the product f(g(h)):
// h ← h + δ (f(below) − f(g(h))) + α (g(above) − h), kept within the range of the units.
// ABOVE: there is a layer above. LANGEVIN: noise follows, and with it the range (langevin.wgsl).
// Needs operands.wgsl, activity.wgsl and `struct InferenceParams`.

@group(0) @binding(3) var<storage, read_write> state: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> biases: array<vec4<f32>>;
@group(0) @binding(5) var<uniform> inference: InferenceParams;
@group(0) @binding(6) var<storage, read> goal: array<vec4<f32>>;
#if ABOVE
@group(0) @binding(7) var<storage, read> fromAbove: array<vec4<f32>>;
#endif

fn store(row: u32, column: u32, sums: vec4<f32>) {
  let at = row * product.resultVectors + column / 4u;
  let h = state[at];
  var next = h + inference.delta * (goal[at] - activity(sums + biases[column / 4u]));
#if ABOVE
  next += inference.alpha * (fromAbove[at] - h);
#endif
#if LANGEVIN
#else
  next = withinRange(next);
#endif
  state[at] = select(vec4<f32>(), next, columnsExist(column));
}
