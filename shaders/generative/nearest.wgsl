// The top state of the pool that each image starts from: the one whose pixels have the least squared distance from the
// image, of equally near ones the first. ‖x − c‖² is ‖c‖² − 2 x · c but for ‖x‖², which is the same for all. A workgroup
// owns an image. Needs `struct NearestParams`; twin of matchedTop in src/generative/reference/match.ts.

@group(0) @binding(0) var<uniform> params: NearestParams;
// x · c, shape [images][pool], rows of whole vectors
@group(0) @binding(1) var<storage, read> products: array<f32>;
// ‖c‖²
@group(0) @binding(2) var<storage, read> squares: array<f32>;
// top states of the pool
@group(0) @binding(3) var<storage, read> states: array<vec4<f32>>;
// of the images
@group(0) @binding(4) var<storage, read_write> matched: array<vec4<f32>>;

const LANES = 64u;
var<workgroup> distances: array<f32, LANES>;
var<workgroup> indices: array<u32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let stride = (params.pool + 3u) / 4u * 4u;
  // A lane without a state of its own stands behind all others.
  var least = 3e38;
  var nearest = params.pool;
  for (var state = lane; state < params.pool; state += LANES) {
    let distance = squares[state] - 2.0 * products[row * stride + state];
    if (distance < least) {
      least = distance;
      nearest = state;
    }
  }
  distances[lane] = least;
  indices[lane] = nearest;
  workgroupBarrier();
  // Every lane finds the same one.
  for (var i = 0u; i < LANES; i++) {
    if (distances[i] < least || (distances[i] == least && indices[i] < nearest)) {
      least = distances[i];
      nearest = indices[i];
    }
  }
  for (var column = lane; column < params.vectors; column += LANES) {
    matched[row * params.vectors + column] = states[nearest * params.vectors + column];
  }
}
