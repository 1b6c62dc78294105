// Running mean and variance of each unit over the images of batches. A thread owns four units.
// Needs `struct RowParams` and `struct ClockParams`.

@group(0) @binding(0) var<uniform> params: RowParams;
@group(0) @binding(1) var<uniform> clock: ClockParams;
@group(0) @binding(2) var<storage, read> activities: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> mean: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> variance: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let column = thread.x;
  if (column >= params.vectors) {
    return;
  }
  var sum = vec4<f32>();
  for (var row = 0u; row < params.rows; row++) {
    sum += activities[row * params.vectors + column];
  }
  let batchMean = sum / f32(params.rows);
  var squares = vec4<f32>();
  for (var row = 0u; row < params.rows; row++) {
    let difference = activities[row * params.vectors + column] - batchMean;
    squares += difference * difference;
  }
  mean[column] += clock.statisticsRate * (batchMean - mean[column]);
  variance[column] += clock.statisticsRate * (squares / f32(params.rows) - variance[column]);
}
