// Adds −½ ‖below − predicted‖² to log p(x, h) of each row (generative paper, Eq. 7); FIRST: starts the sum with it. A
// workgroup owns a row. Needs `struct RowParams`.

@group(0) @binding(0) var<uniform> params: RowParams;
@group(0) @binding(1) var<storage, read> below: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> predicted: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

const LANES = 64u;
var<workgroup> parts: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  var part = 0.0;
  for (var column = lane; column < params.vectors; column += LANES) {
    let difference = below[row * params.vectors + column] - predicted[row * params.vectors + column];
    part += dot(difference, difference);
  }
  parts[lane] = part;
  workgroupBarrier();
  if (lane == 0u) {
    var sum = 0.0;
    for (var i = 0u; i < LANES; i++) {
      sum += parts[i];
    }
#if FIRST
    sums[params.first + row] = -0.5 * sum;
#else
    sums[params.first + row] -= 0.5 * sum;
#endif
  }
}
