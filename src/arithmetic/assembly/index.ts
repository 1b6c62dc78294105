// Products of float32 matrices and the activations after them, with SIMD. Addresses are in bytes.

/** Columns of a panel: two vectors. */
const PANEL: usize = 8;

/** Copies a row-major matrix [inner][columns] into panels of 8 columns, [panel][inner][8], zeros at the end. */
export function pack(source: usize, target: usize, inner: usize, columns: usize): void {
  let to = target;
  for (let first: usize = 0; first < columns; first += PANEL) {
    const whole = first + PANEL <= columns;
    for (let k: usize = 0; k < inner; k++) {
      const from = source + ((k * columns + first) << 2);
      if (whole) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        for (let j: usize = 0; j < PANEL; j++) {
          store<f32>(to + (j << 2), first + j < columns ? load<f32>(from + (j << 2)) : 0);
        }
      }
      to += PANEL << 2;
    }
  }
}

/** Copies a row-major matrix [rows][columns] transposed, [columns][rows]. */
export function transpose(source: usize, target: usize, rows: usize, columns: usize): void {
  for (let row: usize = 0; row < rows; row++) {
    const from = source + ((row * columns) << 2);
    for (let column: usize = 0; column < columns; column++) {
      store<f32>(target + ((column * rows + row) << 2), load<f32>(from + (column << 2)));
    }
  }
}

/**
 * left · right for `rows`, a multiple of 4: row-major left [rows][inner], packed right, row-major result
 * [rows][8 · panels]. A panel of the right stays in the cache while the rows pass it, four at a time.
 */
export function multiply(left: usize, right: usize, result: usize, rows: usize, inner: usize, panels: usize): void {
  const resultRow = (panels * PANEL) << 2;
  const leftRow = inner << 2;
  for (let panel: usize = 0; panel < panels; panel++) {
    const packed = right + ((panel * inner * PANEL) << 2);
    for (let row: usize = 0; row < rows; row += 4) {
      let a = left + row * leftRow;
      const end = a + leftRow;
      let b = packed;
      let r00 = f32x4.splat(0);
      let r01 = f32x4.splat(0);
      let r10 = f32x4.splat(0);
      let r11 = f32x4.splat(0);
      let r20 = f32x4.splat(0);
      let r21 = f32x4.splat(0);
      let r30 = f32x4.splat(0);
      let r31 = f32x4.splat(0);
      const a1 = leftRow;
      const a2 = 2 * leftRow;
      const a3 = 3 * leftRow;
      while (a < end) {
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        let x = v128.load_splat<f32>(a);
        r00 = f32x4.add(r00, f32x4.mul(x, b0));
        r01 = f32x4.add(r01, f32x4.mul(x, b1));
        x = v128.load_splat<f32>(a + a1);
        r10 = f32x4.add(r10, f32x4.mul(x, b0));
        r11 = f32x4.add(r11, f32x4.mul(x, b1));
        x = v128.load_splat<f32>(a + a2);
        r20 = f32x4.add(r20, f32x4.mul(x, b0));
        r21 = f32x4.add(r21, f32x4.mul(x, b1));
        x = v128.load_splat<f32>(a + a3);
        r30 = f32x4.add(r30, f32x4.mul(x, b0));
        r31 = f32x4.add(r31, f32x4.mul(x, b1));
        a += 4;
        b += PANEL << 2;
      }
      let to = result + row * resultRow + ((panel * PANEL) << 2);
      v128.store(to, r00);
      v128.store(to, r01, 16);
      to += resultRow;
      v128.store(to, r10);
      v128.store(to, r11, 16);
      to += resultRow;
      v128.store(to, r20);
      v128.store(to, r21, 16);
      to += resultRow;
      v128.store(to, r30);
      v128.store(to, r31, 16);
    }
  }
}

/** Adds a vector of 8 · panels values to every row, and applies an activation: 0 none, 1 sigmoid, 2 scaled softplus. */
export function finish(result: usize, bias: usize, rows: usize, panels: usize, activation: i32, scale: f32): void {
  const vectors = panels * 2;
  let at = result;
  for (let row: usize = 0; row < rows; row++) {
    for (let vector: usize = 0; vector < vectors; vector++) {
      const z = f32x4.add(v128.load(at), v128.load(bias + (vector << 4)));
      v128.store(at, activation === 0 ? z : activation === 1 ? sigmoid(z) : softplus(z, scale));
      at += 16;
    }
  }
}

function sigmoid(z: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(z))));
}

/** scale · ln(1 + e^z) = scale · (max(z, 0) + ln(1 + e^−|z|)). */
function softplus(z: v128, scale: f32): v128 {
  const tail = logarithmOfOneMore(exponential(f32x4.neg(f32x4.abs(z))));
  return f32x4.mul(f32x4.splat(scale), f32x4.add(f32x4.max(z, f32x4.splat(0)), tail));
}

/** e^x: 2^n · e^r with |r| ≤ ln 2 / 2 and e^r by its Taylor polynomial (relative error below 2 · 10⁻⁷). */
function exponential(x: v128): v128 {
  const bounded = f32x4.max(f32x4.min(x, f32x4.splat(88)), f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(<f32>Math.LOG2E)));
  // ln 2 in two parts, so that n ln 2 is subtracted without rounding.
  let r = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(355.0 / 512.0)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let sum = f32x4.splat(1.0 / 5040.0);
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 720.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 120.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 24.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 6.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(0.5));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(sum, power);
}

/**
 * ln(1 + t) for 0 ≤ t ≤ 1: 2 artanh(s), s = t / (2 + t) ≤ 1/3, by its power series (relative error below 2 · 10⁻⁷).
 */
function logarithmOfOneMore(t: v128): v128 {
  const s = f32x4.div(t, f32x4.add(t, f32x4.splat(2)));
  const square = f32x4.mul(s, s);
  let sum = f32x4.splat(2.0 / 13.0);
  sum = f32x4.add(f32x4.mul(sum, square), f32x4.splat(2.0 / 11.0));
  sum = f32x4.add(f32x4.mul(sum, square), f32x4.splat(2.0 / 9.0));
  sum = f32x4.add(f32x4.mul(sum, square), f32x4.splat(2.0 / 7.0));
  sum = f32x4.add(f32x4.mul(sum, square), f32x4.splat(2.0 / 5.0));
  sum = f32x4.add(f32x4.mul(sum, square), f32x4.splat(2.0 / 3.0));
  sum = f32x4.add(f32x4.mul(sum, square), f32x4.splat(2));
  return f32x4.mul(sum, s);
}
