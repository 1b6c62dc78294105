// Folds the distances of a test point from some centres into its running log-sum-exp under a Parzen density: (largest
// exponent, sum of e^(exponent − largest)), exponent = −d² / 2σ². A workgroup owns a point and one σ.
// Needs `struct FoldParams`.

@group(0) @binding(0) var<uniform> params: FoldParams;
@group(0) @binding(1) var<storage, read> squaredDistances: array<f32>;
// 1 / 2σ²
@group(0) @binding(2) var<storage, read> precisions: array<f32>;
// shape [σ][points]
@group(0) @binding(3) var<storage, read_write> running: array<vec2<f32>>;

const LANES = 64u;
var<workgroup> parts: array<vec2<f32>, LANES>;

fn joined(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
  let largest = max(a.x, b.x);
  return vec2<f32>(largest, a.y * exp(a.x - largest) + b.y * exp(b.x - largest));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let scale = precisions[group.y];
  var part = vec2<f32>(-1e30, 0.0);
  for (var centre = lane; centre < params.centres; centre += LANES) {
    part = joined(part, vec2<f32>(-scale * squaredDistances[group.x * params.stride + centre], 1.0));
  }
  parts[lane] = part;
  workgroupBarrier();
  if (lane == 0u) {
    let at = group.y * params.points + params.firstPoint + group.x;
    var whole = running[at];
    for (var i = 0u; i < LANES; i++) {
      whole = joined(whole, parts[i]);
    }
    running[at] = whole;
  }
}
