// Where a walk starts: a share of the top units of each row takes values of the prior. Word 0 of the unit's random block
// says whether it is one of them, word 1 what it gets; the row's share is in the block after the last unit's. A thread
// owns a unit of a row. Needs philox.wgsl, normal.wgsl and `struct WalkParams`; twin of walkStart in
// src/generative/reference/walk.ts.

@group(0) @binding(0) var<uniform> params: WalkParams;
@group(0) @binding(1) var<uniform> clock: ClockParams;
@group(0) @binding(2) var<storage, read> normalTable: array<i32, NORMAL_NODES>;
@group(0) @binding(3) var<storage, read> top: array<f32>;
@group(0) @binding(4) var<storage, read> mean: array<f32>;
@group(0) @binding(5) var<storage, read> variance: array<f32>;
@group(0) @binding(6) var<storage, read_write> start: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * 64u + thread.x;
  let stride = (params.units + 3u) / 4u * 4u;
  let row = at / stride;
  let unit = at % stride;
  if (row >= params.rows || unit >= params.units) {
    return;
  }
  let shareWord = randomBlock(params.seed, params.purpose, row, clock.update, params.units).x;
  let words = randomBlock(params.seed, params.purpose, row, clock.update, unit);
  var value = top[at];
  if (uniformFromWord(words.x) < params.share * uniformFromWord(shareWord)) {
    let deviate = f32(normalFromWord(words.y)) / f32(1u << NORMAL_FRACTION_BITS);
    value = clamp(mean[unit] + sqrt(params.varianceFactor * variance[unit]) * deviate, 0.0, 1.0);
  }
  start[at] = value;
}
