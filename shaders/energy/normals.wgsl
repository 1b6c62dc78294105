// Standard normal deviates of a layer's units in one step of all examples, twin of normalsOf (src/energy/initial.ts):
// word u mod 4 of the random block at (seed, purpose, example, step, ⌊u / 4⌋), u counted through all layers. A thread
// takes four units of an example. Needs philox.wgsl, normal.wgsl.

@group(0) @binding(0) var<uniform> layer: LayerParams;
@group(0) @binding(1) var<uniform> noise: NoiseParams;
// The step.
@group(0) @binding(2) var<storage, read> clock: array<u32>;
@group(0) @binding(3) var<storage, read> normalTable: array<i32, NORMAL_NODES>;
@group(0) @binding(4) var<storage, read_write> normals: array<vec4<f32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * WORKGROUP_SIZE + thread.x;
  if (at >= layer.rows * layer.vectors) {
    return;
  }
  let example = noise.firstExample + at / layer.vectors;
  let inLayer = at % layer.vectors * 4u;
  let unit = layer.firstUnit + inLayer;
  // Four units that do not begin with a block lie in two.
  let here = randomBlock(noise.seed, noise.purpose, example, clock[0], unit / 4u);
  let after = randomBlock(noise.seed, noise.purpose, example, clock[0], unit / 4u + 1u);
  var deviates = vec4<f32>();
  for (var i = 0u; i < 4u; i++) {
    let word = unit % 4u + i;
    if (inLayer + i < layer.units) {
      deviates[i] = f32(normalFromWord(select(after[word & 3u], here[word & 3u], word < 4u))) * NORMAL_UNIT;
    }
  }
  normals[at] = deviates;
}
