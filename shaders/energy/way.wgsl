// Sum of the changes of all kept steps: the whole way of each unit. A thread takes four units of an example.

@group(0) @binding(0) var<uniform> layer: LayerParams;
@group(0) @binding(1) var<storage, read> changes: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> way: array<vec4<f32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) thread: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = thread.y * groups.x * WORKGROUP_SIZE + thread.x;
  let perStep = layer.rows * layer.vectors;
  if (at >= perStep) {
    return;
  }
  var sum = vec4<f32>();
  for (var place = at; place < arrayLength(&changes); place += perStep) {
    sum += changes[place];
  }
  way[at] = sum;
}
