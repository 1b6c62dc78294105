// Standard normal deviate from a uniform word, in units of 2⁻²⁴: the inverse distribution function, linear between
// the nodes of src/random/normal.ts. Needs `normalTable: array<i32, NORMAL_NODES>` (of an array whose length is known, an
// index is held in bounds without a division) and the constants of the twin.

const NORMAL_NODES = (32u << NORMAL_SEGMENT_BITS) + 1u;

fn normalFromWord(word: u32) -> i32 {
  let tail = word | 1u;
  let leadingZeros = countLeadingZeros(tail);
  let normalized = tail << leadingZeros;
  let segment = extractBits(normalized, 31u - NORMAL_SEGMENT_BITS, NORMAL_SEGMENT_BITS);
  let node = ((31u - leadingZeros) << NORMAL_SEGMENT_BITS) + segment;
  let fraction = extractBits(
    normalized,
    31u - NORMAL_SEGMENT_BITS - NORMAL_INTERPOLATION_BITS,
    NORMAL_INTERPOLATION_BITS,
  );
  let start = normalTable[node];
  let step = normalTable[node + 1u] - start;
  let magnitude = start + ((step * i32(fraction)) >> NORMAL_INTERPOLATION_BITS);
  return select(-magnitude, magnitude, (word & 1u) == 0u);
}
