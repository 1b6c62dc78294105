// Targets of a batch: the unit of the example's class at 1, the others at 0. A thread takes four units of an example.

@group(0) @binding(0) var<uniform> layer: LayerParams;
@group(0) @binding(1) var<uniform> phase: PhaseParams;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> goal: array<vec4<f32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * WORKGROUP_SIZE + thread.x;
  if (at >= layer.rows * layer.vectors) {
    return;
  }
  let unit = vec4<u32>(at % layer.vectors * 4u) + vec4<u32>(0u, 1u, 2u, 3u);
  let label = vec4<u32>(labels[phase.first + at / layer.vectors]);
  goal[at] = select(vec4<f32>(), vec4<f32>(1.0), unit == label);
}
