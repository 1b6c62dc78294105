// Threshold crossing (generative paper §2): V(t) = V(0) + V̇ t + noise, V(0) uniform below the threshold at the presynaptic
// spike. |ΔT| is the number of steps to the first one with V at the threshold or above, after the spike where V rises,
// before it where V falls; 0 for none within the window. A workgroup owns a slope and a stretch of its trials and keeps
// their histogram in its memory. Twin of src/stdp/threshold/threshold-twin.ts. Needs philox.wgsl, normal.wgsl.

@group(0) @binding(0) var<uniform> params: ThresholdParams;
@group(0) @binding(1) var<storage, read> slopes: array<i32>;
// shape [slopes][window + 1]
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>>;
#if NOISE
@group(0) @binding(3) var<storage, read> normalTable: array<i32, NORMAL_NODES>;
#endif

const LANES = 64u;
var<workgroup> here: array<atomic<u32>, MOST_WINDOW + 1u>;

fn stepsToCrossing(row: u32, trial: u32) -> u32 {
  let slope = u32(abs(slopes[row]));
  let gap = 1u + multiplyWide(params.depth, randomBlock(params.seed, START_PURPOSE, row, trial, 0u).x).y;
#if NOISE
  var block = vec4<u32>();
  for (var steps = 1u; steps <= params.window; steps++) {
    if ((steps & 3u) == 1u) {
      block = randomBlock(params.seed, NOISE_PURPOSE, row, trial, (steps - 1u) >> 2u);
    } else {
      block = block.yzwx;
    }
    let noise = multiplyShift(normalFromWord(block.x), params.noise, NORMAL_FRACTION_BITS);
    if (i32(slope * steps) + noise >= i32(gap)) {
      return steps;
    }
  }
  return 0u;
#else
  let steps = (gap + slope - 1u) / slope;
  return select(0u, steps, steps <= params.window);
#endif
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup.y;
  for (var steps = lane; steps <= params.window; steps += LANES) {
    atomicStore(&here[steps], 0u);
  }
  workgroupBarrier();
  for (var i = 0u; i < params.trialsPerThread; i++) {
    let index = (workgroup.x * params.trialsPerThread + i) * LANES + lane;
    if (index < params.trials) {
      atomicAdd(&here[stepsToCrossing(row, params.firstTrial + index)], 1u);
    }
  }
  workgroupBarrier();
  for (var steps = lane; steps <= params.window; steps += LANES) {
    let count = atomicLoad(&here[steps]);
    if (count > 0u) {
      atomicAdd(&counts[row * (params.window + 1u) + steps], count);
    }
  }
}
