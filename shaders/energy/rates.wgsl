// What the units of a layer send, ρ(s), or ρ(s + η) with SYNAPTIC noise, beside their states. A thread takes four units
// of an example. Needs rho.wgsl.

@group(0) @binding(0) var<uniform> layer: LayerParams;
@group(0) @binding(1) var<uniform> phase: PhaseParams;
// States, then rates.
@group(0) @binding(2) var<storage, read_write> units: array<vec4<f32>>;
#if SYNAPTIC
@group(0) @binding(3) var<storage, read> normals: array<vec4<f32>>;
#endif

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * WORKGROUP_SIZE + thread.x;
  if (at >= layer.rows * layer.vectors) {
    return;
  }
  let unit = at % layer.vectors * 4u;
  let exists = vec4<u32>(unit) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(layer.units);
#if SYNAPTIC
  let sent = rho(units[at] + phase.noiseScale * normals[at]);
#else
  let sent = rho(units[at]);
#endif
  units[at + arrayLength(&units) / 2u] = select(vec4<f32>(), sent, exists);
}
