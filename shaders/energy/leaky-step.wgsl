// One step of inference for the units of a layer, fused with the product that gives their input (early-inference paper,
// Eq. 1 and 8): s ← s + ε (ρ′(s) (field + sums) − s + β (d − s)), twin of src/energy/reference/dynamics.ts. Called once
// for every four units of an example. Needs operands.wgsl, rho.wgsl.
//
// FIELD_OF_LAYER: the field is one vector, of biases, for all examples. RATES: ρ of the new state is kept beside it, for
// what the layer sends; without, the two are the same. HISTORY: the change, times changeScale, and the rate before it
// are kept in a slot of their own for the STDP-compatible rule. TARGET: β (d − s). SYNAPTIC, LANGEVIN: noise.

// State of this layer before the step, and after: states, then rates.
@group(0) @binding(3) var<storage, read> own: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> next: array<vec4<f32>>;
// Biases, and what other layers send beside the product.
@group(0) @binding(5) var<storage, read> field: array<vec4<f32>>;
@group(0) @binding(6) var<uniform> phase: PhaseParams;
#if HISTORY
// Changes of all steps, then rates of all steps.
@group(0) @binding(7) var<storage, read_write> history: array<vec4<f32>>;
@group(0) @binding(8) var<uniform> slot: SlotParams;
#endif
#if TARGET
@group(0) @binding(9) var<storage, read> goal: array<vec4<f32>>;
#endif
#if NOISE
@group(0) @binding(10) var<storage, read> normals: array<vec4<f32>>;
#endif

fn store(row: u32, column: u32, sums: vec4<f32>) {
  let at = row * product.resultVectors + column / 4u;
  let exists = columnsExist(column);
  let s = own[at];
#if FIELD_OF_LAYER
  let input = sums + field[column / 4u];
#else
  let input = sums + field[at];
#endif
#if SYNAPTIC
  var force = rhoSlopeAt(s + phase.noiseScale * normals[at]) * input - s;
#else
  var force = rhoSlopeAt(s) * input - s;
#endif
#if TARGET
  force += phase.strength * (goal[at] - s);
#endif
  var moved = s + phase.epsilon * force;
#if LANGEVIN
  moved += phase.noiseScale * normals[at];
#endif
  moved = select(vec4<f32>(), bounded(moved), exists);
  next[at] = moved;
#if RATES
  next[at + arrayLength(&next) / 2u] = select(vec4<f32>(), rho(moved), exists);
#endif
#if HISTORY
  history[slot.changes + at] = phase.changeScale * (moved - s);
  history[slot.rates + at] = select(vec4<f32>(), rho(s), exists);
#endif
}
