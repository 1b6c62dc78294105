// Levels of the drives `steps` and `ramps`, in units of 2^−F. Twin of src/stdp/drive.ts. Needs wide.wgsl.

// low + range · word / 2³²
fn uniformLevel(neuron: NeuronParams, word: u32) -> i32 {
  return neuron.low + bitcast<i32>(multiplyWide(neuron.range, word).y);
}

// numerator / denominator of a knot segment with 24 fraction bits, by long division in bytes: both are below 2²⁴.
fn knotFraction(numerator: u32, denominator: u32) -> u32 {
  var fraction = 0u;
  var remainder = numerator;
  for (var byte = 0u; byte < 3u; byte++) {
    let shifted = remainder << 8u;
    fraction = (fraction << 8u) | (shifted / denominator);
    remainder = shifted % denominator;
  }
  return fraction;
}

// from + (to − from) · fraction / 2²⁴
fn betweenLevels(start: i32, end: i32, fraction: u32) -> i32 {
  return start + bitcast<i32>(shiftRightWide(multiplySigned(end - start, fraction), 24u).x);
}
