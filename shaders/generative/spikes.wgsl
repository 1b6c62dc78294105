// Spikes of the top layer (generative paper, Algorithm 2): each unit becomes the mean of a few Bernoulli samples, in the
// rows from outputRow on; sample s is 1 where word s of the unit's random block is below its activity. A thread owns a
// unit of a row. Needs philox.wgsl and `struct NoiseParams`; twin of spikeMeans in src/generative/noise.ts.

@group(0) @binding(0) var<uniform> params: NoiseParams;
@group(0) @binding(1) var<uniform> clock: ClockParams;
@group(0) @binding(2) var<storage, read> activities: array<f32>;
@group(0) @binding(3) var<storage, read_write> means: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * 64u + thread.x;
  let stride = (params.units + 3u) / 4u * 4u;
  let row = at / stride;
  let unit = at % stride;
  if (row >= params.rows || unit >= params.units) {
    return;
  }
  let time = clock.update * SLOTS + params.time;
  let words = randomBlock(params.seed, params.purpose, params.firstRow + row, time, unit);
  var mean = activities[at];
  if (params.spikes > 0u) {
    var sum = 0.0;
    for (var sample = 0u; sample < params.spikes; sample++) {
      sum += select(0.0, 1.0, uniformFromWord(words[sample]) < activities[at]);
    }
    mean = sum / f32(params.spikes);
  }
  means[params.outputRow * stride + at] = mean;
}
