// The first matrix product that anyone writes: a thread a value of the result. Baseline of the benchmark.

struct Sizes {
  rows: u32,
  columns: u32,
  inner: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> left: array<f32>;
@group(0) @binding(2) var<storage, read> right: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let row = thread.y;
  let column = thread.x;
  if (row >= sizes.rows || column >= sizes.columns) {
    return;
  }
  var sum = 0.0;
  for (var k = 0u; k < sizes.inner; k++) {
    sum += left[row * sizes.inner + k] * right[k * sizes.columns + column];
  }
  result[row * sizes.columns + column] = sum;
}
