// Copies the bit planes of both neurons to a texture that has a line for each row: the presynaptic neuron's vectors,
// then the postsynaptic neuron's. A thread copies a row: SwiftShader begins a thread in the time of thousands of
// instructions. Needs `struct PlanesParams`.

@group(0) @binding(0) var<uniform> params: PlanesParams;
// Shape [2][rows][vectors].
@group(0) @binding(1) var<storage, read> planes: array<vec4<u32>>;
@group(0) @binding(2) var copy: texture_storage_2d<rgba32uint, write>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let row = thread.x;
  if (row >= params.rows) {
    return;
  }
  for (var vector = 0u; vector < params.vectors; vector++) {
    textureStore(copy, vec2<u32>(vector, row), planes[row * params.vectors + vector]);
    textureStore(copy, vec2<u32>(params.vectors + vector, row), planes[(params.rows + row) * params.vectors + vector]);
  }
}
