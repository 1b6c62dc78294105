// What product-sums.wgsl has, for any counts: products of 64 bits, added up in words of 64-bit sums. Needs wide.wgsl.

// A term x, and nothing.
fn halvesOf(x: i32) -> vec2<u32> {
  return vec2<u32>(bitcast<u32>(x), 0u);
}

// Words of a 64-bit sum.
struct ShortSum {
  low: u32,
  high: u32,
}

struct WideSums {
  low: vec4<u32>,
  high: vec4<u32>,
}

alias ShortSums = WideSums;

fn addAcross(sum: ShortSum, counts: vec4<u32>, low: vec4<u32>, high: vec4<u32>) -> ShortSum {
  var wide = vec2<u32>(sum.low, sum.high);
  for (var i = 0u; i < 4u; i++) {
    wide = addWide(wide, multiplySigned(bitcast<i32>(low[i]), counts[i]));
  }
  return ShortSum(wide.x, wide.y);
}

fn joinOne(sum: vec2<u32>, part: ShortSum) -> vec2<u32> {
  return addWide(sum, vec2<u32>(part.low, part.high));
}

fn addEach(sums: ShortSums, counts: vec4<u32>, low: vec4<u32>, high: vec4<u32>) -> ShortSums {
  var result = sums;
  for (var i = 0u; i < 4u; i++) {
    let product = multiplySigned(bitcast<i32>(low[i]), counts[i]);
    let sum = addWide(vec2<u32>(sums.low[i], sums.high[i]), product);
    result.low[i] = sum.x;
    result.high[i] = sum.y;
  }
  return result;
}

fn joinEach(sums: WideSums, part: ShortSums) -> WideSums {
  let low = sums.low + part.low;
  return WideSums(low, sums.high + part.high + select(vec4<u32>(), vec4<u32>(1u), low < part.low));
}

fn withoutOffset(sum: vec2<u32>, total: u32) -> vec2<u32> {
  return sum;
}
