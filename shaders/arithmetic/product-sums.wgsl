// Exact 64-bit sums of products count · x, where counts are below 2¹³ (wide-product-sums.wgsl otherwise): x + 2³¹ is
// taken in two halves, and products of counts with either are added up in 32 bits as long as the counts' sum is below
// 2¹⁶, in a short sum: cheaper than 64-bit products. Needs wide.wgsl, shifts.wgsl.

// Of a term x: (x + 2³¹) mod 2¹⁶ and (x + 2³¹) / 2¹⁶.
fn halvesOf(x: i32) -> vec2<u32> {
  let positive = bitcast<u32>(x) ^ 0x80000000u;
  return vec2<u32>(positive & 0xffffu, shiftRight16(positive));
}

// Products with the lower halves and with the upper halves, each added up.
struct ShortSum {
  low: u32,
  high: u32,
}

// Four of them.
struct ShortSums {
  low: vec4<u32>,
  high: vec4<u32>,
}

// Words of four 64-bit sums.
struct WideSums {
  low: vec4<u32>,
  high: vec4<u32>,
}

// Adds four products to one sum.
fn addAcross(sum: ShortSum, counts: vec4<u32>, low: vec4<u32>, high: vec4<u32>) -> ShortSum {
  return ShortSum(sum.low + dot(counts, low), sum.high + dot(counts, high));
}

fn joinOne(sum: vec2<u32>, part: ShortSum) -> vec2<u32> {
  return addWide(addWide(sum, vec2<u32>(part.low, 0u)), vec2<u32>(part.high << 16u, shiftRight16(part.high)));
}

// Adds a product to each of four sums.
fn addEach(sums: ShortSums, counts: vec4<u32>, low: vec4<u32>, high: vec4<u32>) -> ShortSums {
  return ShortSums(sums.low + counts * low, sums.high + counts * high);
}

fn joinEach(sums: WideSums, part: ShortSums) -> WideSums {
  let shifted = part.high << vec4<u32>(16u);
  let first = sums.low + part.low;
  let low = first + shifted;
  let carries = carryOf(first, part.low) + carryOf(low, shifted);
  return WideSums(low, sums.high + shiftRight16Four(part.high) + carries);
}

// Of a sum to which `added` was added.
fn carryOf(sum: vec4<u32>, added: vec4<u32>) -> vec4<u32> {
  return select(vec4<u32>(), vec4<u32>(1u), sum < added);
}

// A sum without the offset of its terms; total: Σ count.
fn withoutOffset(sum: vec2<u32>, total: u32) -> vec2<u32> {
  return addWide(sum, negateWide(vec2<u32>(total << 31u, total >> 1u)));
}
