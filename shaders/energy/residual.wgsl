// Largest |s(t+1) − s(t)| of a layer's last step, over all units and examples, as the bits of a float: for floats
// without a sign the order of the bits is that of the numbers, and a NaN is above all of them. A thread takes four units
// of an example.

@group(0) @binding(0) var<uniform> layer: LayerParams;
@group(0) @binding(1) var<storage, read> before: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> after: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> largest: atomic<u32>;

const NOT_A_NUMBER = 0x7fc00000u;
const EXPONENT = 0x7f800000u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * WORKGROUP_SIZE + thread.x;
  if (at >= layer.rows * layer.vectors) {
    return;
  }
  let bits = after[at];
  let change = abs(bitcast<vec4<f32>>(bits) - bitcast<vec4<f32>>(before[at]));
  let most = max(max(change.x, change.y), max(change.z, change.w));
  // By the bits, as an implementation may take floats for finite.
  let broken = any((bits & vec4<u32>(EXPONENT)) == vec4<u32>(EXPONENT));
  atomicMax(&largest, select(bitcast<u32>(most), NOT_A_NUMBER, broken));
}
