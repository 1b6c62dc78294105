// op(left) · op(right) for adapters that compute on the CPU: no workgroup memory and no barrier, which cost more there
// than what they save. A thread owns 8 × 8 values of the result, in registers, and goes through the inner dimension in
// blocks of 4; a workgroup is WIDTH × HEIGHT threads side by side.
// Needs operands.wgsl and `fn store(row: u32, column: u32, sums: vec4<f32>)`.

override WIDTH: u32;
override HEIGHT: u32;

const THREAD_ROWS = 8u;
const THREAD_COLUMNS = 8u;

@compute @workgroup_size(WIDTH, HEIGHT)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let column = thread.x * THREAD_COLUMNS;
  let row = thread.y * THREAD_ROWS;
  if (row >= product.rows || column >= product.columns) {
    return;
  }
  // Column i of a block is a row of the result: row + i.
  var topLeft = mat4x4<f32>();
  var topRight = mat4x4<f32>();
  var bottomLeft = mat4x4<f32>();
  var bottomRight = mat4x4<f32>();
  for (var k = 0u; k < product.inner; k += 4u) {
    let top = leftBlock(row, k);
    let bottom = leftBlock(row + 4u, k);
    let near = rightBlock(k, column);
    let far = rightBlock(k, column + 4u);
    topLeft += near * top;
    topRight += far * top;
    bottomLeft += near * bottom;
    bottomRight += far * bottom;
  }
  storeBlock(row, column, topLeft);
  storeBlock(row, column + 4u, topRight);
  storeBlock(row + 4u, column, bottomLeft);
  storeBlock(row + 4u, column + 4u, bottomRight);
}

fn storeBlock(row: u32, column: u32, block: mat4x4<f32>) {
  if (column >= product.columns) {
    return;
  }
  for (var i = 0u; i < min(4u, max(product.rows, row) - row); i++) {
    store(row + i, column, block[i]);
  }
}
