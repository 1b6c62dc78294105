// Exact 64-bit sums of products count · x, four sums side by side. Where counts are below 2¹⁶ (all but the largest
// experiments; WIDE_COUNTS otherwise), x + 2³¹ is taken in two halves, whose products with a count fit 32 bits: cheaper
// than 64-bit products. Needs wide.wgsl.

// A term x: (x + 2³¹) mod 2¹⁶ and (x + 2³¹) / 2¹⁶; with WIDE_COUNTS x and nothing.
fn halvesOf(x: i32) -> vec2<u32> {
#if WIDE_COUNTS
  return vec2<u32>(bitcast<u32>(x), 0u);
#else
  let positive = bitcast<u32>(x) ^ 0x80000000u;
  return vec2<u32>(positive & 0xffffu, shiftRight16(positive));
#endif
}

struct ProductSums {
  // Sums of the products with the lower halves: low words, high words.
  low: vec4<u32>,
  lowHigh: vec4<u32>,
  // With the upper halves.
  high: vec4<u32>,
  highHigh: vec4<u32>,
}

fn addProducts(sums: ptr<function, ProductSums>, counts: vec4<u32>, low: vec4<u32>, high: vec4<u32>) {
#if WIDE_COUNTS
  for (var i = 0u; i < 4u; i++) {
    let product = multiplySigned(bitcast<i32>(low[i]), counts[i]);
    let sum = addWide(vec2<u32>((*sums).low[i], (*sums).lowHigh[i]), product);
    (*sums).low[i] = sum.x;
    (*sums).lowHigh[i] = sum.y;
  }
#else
  let lowProducts = counts * low;
  let highProducts = counts * high;
  let lowSums = (*sums).low + lowProducts;
  let highSums = (*sums).high + highProducts;
  *sums = ProductSums(
    lowSums,
    (*sums).lowHigh + select(vec4<u32>(), vec4<u32>(1u), lowSums < lowProducts),
    highSums,
    (*sums).highHigh + select(vec4<u32>(), vec4<u32>(1u), highSums < highProducts),
  );
#endif
}

// One of the four sums; total: Σ count of its terms.
fn productSum(sums: ProductSums, i: u32, total: u32) -> vec2<u32> {
  let low = vec2<u32>(sums.low[i], sums.lowHigh[i]);
#if WIDE_COUNTS
  return low;
#else
  let high = vec2<u32>(sums.high[i] << 16u, (sums.high[i] >> 16u) + (sums.highHigh[i] << 16u));
  return addWide(addWide(low, high), negateWide(vec2<u32>(total << 31u, total >> 1u)));
#endif
}
