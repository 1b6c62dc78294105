// Shifts to the right by constants. SwiftShader shifts lane by lane, eight times slower than it adds. There, the bits
// that are to stay, as a signed integer, are converted to f32 (exact: at most 24 significant bits), scaled, and brought
// into the lowest bits of the fraction of a number in [2²³, 2²⁴); the exclusive or takes away its exponent, and the
// offset that keeps the sum positive.

#if SLOW_SHIFTS
fn shiftRight9(x: u32) -> u32 {
  return bitcast<u32>(f32(bitcast<i32>(x & 0xfffffe00u)) * 0x1p-9f + 0x1.8p23f) ^ 0x4b400000u;
}

fn shiftRight11(x: u32) -> u32 {
  return bitcast<u32>(f32(bitcast<i32>(x & 0xfffff800u)) * 0x1p-11f + 0x1.2p23f) ^ 0x4b100000u;
}

fn shiftRight16(x: u32) -> u32 {
  return bitcast<u32>(f32(bitcast<i32>(x & 0xffff0000u)) * 0x1p-16f + 0x1.01p23f) ^ 0x4b008000u;
}

fn shiftRight16Four(x: vec4<u32>) -> vec4<u32> {
  let scaled = vec4<f32>(bitcast<vec4<i32>>(x & vec4<u32>(0xffff0000u))) * 0x1p-16f + 0x1.01p23f;
  return bitcast<vec4<u32>>(scaled) ^ vec4<u32>(0x4b008000u);
}

// With sign, of a multiple of 2²³.
fn shiftRight23(x: u32) -> u32 {
  return bitcast<u32>(f32(bitcast<i32>(x)) * 0x1p-23f + 0x1.8p23f) - 0x4b400000u;
}
#else
fn shiftRight9(x: u32) -> u32 {
  return x >> 9u;
}

fn shiftRight11(x: u32) -> u32 {
  return x >> 11u;
}

fn shiftRight16(x: u32) -> u32 {
  return x >> 16u;
}

fn shiftRight16Four(x: vec4<u32>) -> vec4<u32> {
  return x >> vec4<u32>(16u);
}

fn shiftRight23(x: u32) -> u32 {
  return bitcast<u32>(bitcast<i32>(x) >> 23u);
}
#endif
