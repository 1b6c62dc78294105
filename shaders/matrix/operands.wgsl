// Blocks of 4 × 4 of the two operands of a product, op(left) · op(right). Matrices are row-major with rows of whole
// vectors, zeros at their ends (src/matrix/layout.ts). Rows and columns beyond the product's repeat its last ones, and
// what becomes of them is not stored; beyond the inner dimension one factor is 0: the end of a left row, or, with the
// left transposed, what leftBlock puts there.
// Needs `struct ProductParams` (src/matrix/shaders.ts).

@group(0) @binding(0) var<uniform> product: ProductParams;
@group(0) @binding(1) var<storage, read> left: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> right: array<vec4<f32>>;

#if LEFT_TRANSPOSED
// Values of rows row … row + 3 at one k.
fn leftVector(k: u32, row: u32) -> vec4<f32> {
  let values = left[min(k, product.inner - 1u) * product.leftVectors + min(row / 4u, product.leftVectors - 1u)];
  return select(vec4<f32>(), values, k < product.inner);
}

// Column i holds op(left) at row + i and k … k + 3; row and k are multiples of 4.
fn leftBlock(row: u32, k: u32) -> mat4x4<f32> {
  return transpose(mat4x4<f32>(
    leftVector(k, row),
    leftVector(k + 1u, row),
    leftVector(k + 2u, row),
    leftVector(k + 3u, row),
  ));
}
#else
// Values of one row at k … k + 3.
fn leftVector(row: u32, k: u32) -> vec4<f32> {
  return left[min(row, product.rows - 1u) * product.leftVectors + min(k / 4u, product.leftVectors - 1u)];
}

// Column i holds op(left) at row + i and k … k + 3; k is a multiple of 4.
fn leftBlock(row: u32, k: u32) -> mat4x4<f32> {
  return mat4x4<f32>(
    leftVector(row, k),
    leftVector(row + 1u, k),
    leftVector(row + 2u, k),
    leftVector(row + 3u, k),
  );
}
#endif

#if RIGHT_TRANSPOSED
// Values of one column at k … k + 3.
fn rightVector(column: u32, k: u32) -> vec4<f32> {
  return right[min(column, product.columns - 1u) * product.rightVectors + min(k / 4u, product.rightVectors - 1u)];
}

// Column i holds op(right) at k + i and column … column + 3; k is a multiple of 4.
fn rightBlock(k: u32, column: u32) -> mat4x4<f32> {
  return transpose(mat4x4<f32>(
    rightVector(column, k),
    rightVector(column + 1u, k),
    rightVector(column + 2u, k),
    rightVector(column + 3u, k),
  ));
}
#else
// Values of columns column … column + 3 at one k.
fn rightVector(k: u32, column: u32) -> vec4<f32> {
  return right[min(k, product.inner - 1u) * product.rightVectors + min(column / 4u, product.rightVectors - 1u)];
}

// Column i holds op(right) at k + i and column … column + 3; column and k are multiples of 4.
fn rightBlock(k: u32, column: u32) -> mat4x4<f32> {
  return mat4x4<f32>(
    rightVector(k, column),
    rightVector(k + 1u, column),
    rightVector(k + 2u, column),
    rightVector(k + 3u, column),
  );
}
#endif

// Which of columns column … column + 3 the result has.
fn columnsExist(column: u32) -> vec4<bool> {
  return vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(product.columns);
}
