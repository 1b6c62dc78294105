// Counts the examples of a batch whose most active output is not that of their class, and sums up C = ½ ‖y − d‖². The
// first of equal outputs counts. One workgroup; a thread takes every WORKGROUP_SIZE-th example.

@group(0) @binding(0) var<uniform> layer: LayerParams;
@group(0) @binding(1) var<uniform> phase: PhaseParams;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> outputs: array<f32>;
// Errors and the bits of the cost of each batch.
@group(0) @binding(4) var<storage, read_write> scores: array<vec2<u32>>;

var<workgroup> errors: array<u32, WORKGROUP_SIZE>;
var<workgroup> costs: array<f32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(local_invocation_index) index: u32) {
  var wrong = 0u;
  var cost = 0.0;
  for (var row = index; row < layer.rows; row += WORKGROUP_SIZE) {
    let label = labels[phase.first + row];
    let start = row * layer.vectors * 4u;
    var best = 0u;
    for (var unit = 0u; unit < layer.units; unit++) {
      let y = outputs[start + unit];
      if (y > outputs[start + best]) {
        best = unit;
      }
      let off = y - select(0.0, 1.0, unit == label);
      cost += 0.5 * off * off;
    }
    wrong += select(0u, 1u, best != label);
  }
  errors[index] = wrong;
  costs[index] = cost;
  workgroupBarrier();
  if (index != 0u) {
    return;
  }
  for (var other = 1u; other < WORKGROUP_SIZE; other++) {
    wrong += errors[other];
    cost += costs[other];
  }
  scores[phase.batch] = vec2<u32>(wrong, bitcast<u32>(cost));
}
