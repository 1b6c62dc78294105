// op(left) · op(right) for hardware. A workgroup of WIDTH × WIDTH threads owns a tile of 4 WIDTH × 4 WIDTH values of the
// result; it goes through the inner dimension in slices of SLICE, which all its threads bring to workgroup memory
// together (2 · SLICE · 4 WIDTH floats), and each thread sums up 4 × 4 values in registers.
// Needs operands.wgsl and `fn store(row: u32, column: u32, sums: vec4<f32>)`.

override WIDTH: u32;

const SLICE = 16u;
const SLICE_VECTORS = SLICE / 4u;

override TILE = WIDTH * 4u;

// Value of the tile's row (or column) r at k of the slice stands at k · TILE + r.
var<workgroup> leftSlice: array<f32, SLICE * TILE>;
var<workgroup> rightSlice: array<f32, SLICE * TILE>;

@compute @workgroup_size(WIDTH, WIDTH)
fn main(
  @builtin(workgroup_id) tile: vec3<u32>,
  @builtin(local_invocation_id) thread: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let firstRow = tile.y * TILE;
  let firstColumn = tile.x * TILE;
  var sums = mat4x4<f32>();
  for (var first = 0u; first < product.inner; first += SLICE) {
    for (var vector = index; vector < SLICE_VECTORS * TILE; vector += WIDTH * WIDTH) {
      bringLeft(firstRow, first, vector);
      bringRight(firstColumn, first, vector);
    }
    workgroupBarrier();
    for (var k = 0u; k < SLICE; k++) {
      let row = k * TILE + thread.y * 4u;
      let column = k * TILE + thread.x * 4u;
      let across = vec4<f32>(
        rightSlice[column],
        rightSlice[column + 1u],
        rightSlice[column + 2u],
        rightSlice[column + 3u],
      );
      sums += mat4x4<f32>(
        leftSlice[row] * across,
        leftSlice[row + 1u] * across,
        leftSlice[row + 2u] * across,
        leftSlice[row + 3u] * across,
      );
    }
    workgroupBarrier();
  }
  let row = firstRow + thread.y * 4u;
  let column = firstColumn + thread.x * 4u;
  if (column >= product.columns) {
    return;
  }
  for (var i = 0u; i < 4u; i++) {
    if (row + i < product.rows) {
      store(row + i, column, sums[i]);
    }
  }
}

// Neighbouring threads read neighbouring vectors of memory.
fn bringLeft(firstRow: u32, first: u32, vector: u32) {
#if LEFT_TRANSPOSED
  let row = vector % WIDTH * 4u;
  let k = vector / WIDTH;
  let values = leftVector(first + k, firstRow + row);
  let at = k * TILE + row;
  for (var i = 0u; i < 4u; i++) {
    leftSlice[at + i] = values[i];
  }
#else
  let row = vector / SLICE_VECTORS;
  let k = vector % SLICE_VECTORS * 4u;
  // Beyond the row's end its last vector would count again.
  let values = select(vec4<f32>(), leftVector(firstRow + row, first + k), first + k < product.inner);
  for (var i = 0u; i < 4u; i++) {
    leftSlice[(k + i) * TILE + row] = values[i];
  }
#endif
}

fn bringRight(firstColumn: u32, first: u32, vector: u32) {
#if RIGHT_TRANSPOSED
  let column = vector / SLICE_VECTORS;
  let k = vector % SLICE_VECTORS * 4u;
  let values = rightVector(firstColumn + column, first + k);
  for (var i = 0u; i < 4u; i++) {
    rightSlice[(k + i) * TILE + column] = values[i];
  }
#else
  let column = vector % WIDTH * 4u;
  let k = vector / WIDTH;
  let values = rightVector(first + k, firstColumn + column);
  let at = k * TILE + column;
  for (var i = 0u; i < 4u; i++) {
    rightSlice[at + i] = values[i];
  }
#endif
}
