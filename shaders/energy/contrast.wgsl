// Turns the first kept step of a nudged phase into what classic contrastive Equilibrium Propagation learns from: with
// the change of the rates from the start of the phase to its end and the mean of both, Σ Δρ_i ρ̄_j + ρ̄_i Δρ_j is
// ρ_i ρ_j after minus before, without the loss of digits of that difference. A thread takes four units of an example.

@group(0) @binding(0) var<uniform> layer: LayerParams;
@group(0) @binding(1) var<uniform> phase: PhaseParams;
// Rates at the end of the phase.
@group(0) @binding(2) var<storage, read> rates: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> history: array<vec4<f32>>;
@group(0) @binding(4) var<uniform> slot: SlotParams;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * WORKGROUP_SIZE + thread.x;
  if (at >= layer.rows * layer.vectors) {
    return;
  }
  let before = history[slot.rates + at];
  history[slot.changes + at] = phase.changeScale * (rates[at] - before);
  history[slot.rates + at] = 0.5 * (rates[at] + before);
}
