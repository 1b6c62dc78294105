// 64-bit integers as vec2<u32>(low, high), two's complement. Needs shifts.wgsl.

fn multiplyWide(x: u32, y: u32) -> vec2<u32> {
  let xLow = x & 0xffffu;
  let xHigh = shiftRight16(x);
  let yLow = y & 0xffffu;
  let yHigh = shiftRight16(y);
  let middle = xLow * yHigh + shiftRight16(xLow * yLow);
  let cross = xHigh * yLow + (middle & 0xffffu);
  return vec2<u32>(x * y, xHigh * yHigh + shiftRight16(middle) + shiftRight16(cross));
}

// x · y of a signed and an unsigned factor.
fn multiplySigned(x: i32, y: u32) -> vec2<u32> {
  let product = multiplyWide(bitcast<u32>(x), y);
  return vec2<u32>(product.x, product.y - select(0u, y, x < 0));
}

fn addWide(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
  let low = x.x + y.x;
  return vec2<u32>(low, x.y + y.y + select(0u, 1u, low < x.x));
}

fn negateWide(x: vec2<u32>) -> vec2<u32> {
  return addWide(~x, vec2<u32>(1u, 0u));
}

// x >> bits with sign, 0 ≤ bits ≤ 63.
fn shiftRightWide(x: vec2<u32>, bits: u32) -> vec2<u32> {
  let high = bitcast<i32>(x.y);
  if (bits >= 32u) {
    return vec2<u32>(bitcast<u32>(high >> (bits - 32u)), bitcast<u32>(high >> 31u));
  }
  if (bits == 0u) {
    return x;
  }
  return vec2<u32>((x.x >> bits) | (x.y << (32u - bits)), bitcast<u32>(high >> bits));
}

// round(x · y / 2^bits), halves up, where the result fits 32 bits; 1 ≤ bits ≤ 32.
fn multiplyShift(x: i32, y: u32, bits: u32) -> i32 {
  let half = vec2<u32>(1u << (bits - 1u), 0u);
  return bitcast<i32>(shiftRightWide(addWide(multiplySigned(x, y), half), bits).x);
}

// x · y · 2⁻³¹, rounded down; |x| < 2⁶² so that its double does not overflow. Doubling takes no shift.
fn scaleWide(x: vec2<u32>, y: u32) -> vec2<u32> {
  let twice = vec2<u32>(x.x * 2u, x.y * 2u + select(0u, 1u, bitcast<i32>(x.x) < 0));
  let lowProduct = multiplyWide(twice.x, y);
  return addWide(multiplySigned(bitcast<i32>(twice.y), y), vec2<u32>(lowProduct.y, 0u));
}
