// How many 32-bit integer operations an adapter can do in a second. Every thread works on eight chains; the operations
// of a chain depend on each other, the chains do not, so that latency is hidden. The mixture is that of the product's
// random numbers (sfc32.wgsl and decideBit of spikes.wgsl): a quarter shifts, half of them products where the product
// does without them too. No memory but one word a thread at the end, without which the compiler would drop it all.
// peak.ts writes the body of the loop and counts its operations.

@group(0) @binding(0) var<uniform> rounds: vec4<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;

#if SLOW_SHIFTS
fn timesEight(x: u32) -> u32 {
  return x * 8u;
}
#else
fn timesEight(x: u32) -> u32 {
  return x << 3u;
}
#endif

// Eight operations: two shifts (or one, and a product), two additions, two exclusive ors, and, or.
fn mix(x: u32, y: u32) -> u32 {
  let a = (x ^ (x >> 9u)) + y;
  let b = timesEight(a) + x;
  return (b | y) ^ (a & x);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let key = thread.x * 0x9e3779b9u + rounds.y;
  var a = key;
  var b = key ^ 0x243f6a88u;
  var c = key ^ 0x85a308d3u;
  var d = key ^ 0x13198a2eu;
  var e = key ^ 0x03707344u;
  var f = key ^ 0xa4093822u;
  var g = key ^ 0x299f31d0u;
  var h = key ^ 0x082efa98u;
  for (var done = 0u; done < rounds.x; done++) {
    UNROLLED
  }
  output[thread.x] = a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
}
