// Sum of the squares of each row. A workgroup owns a row. Needs `struct RowParams`.

@group(0) @binding(0) var<uniform> params: RowParams;
@group(0) @binding(1) var<storage, read> values: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> squares: array<f32>;

const LANES = 64u;
var<workgroup> parts: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  var part = 0.0;
  for (var column = lane; column < params.vectors; column += LANES) {
    let value = values[group.x * params.vectors + column];
    part += dot(value, value);
  }
  parts[lane] = part;
  workgroupBarrier();
  if (lane == 0u) {
    var sum = 0.0;
    for (var i = 0u; i < LANES; i++) {
      sum += parts[i];
    }
    squares[group.x] = sum;
  }
}
