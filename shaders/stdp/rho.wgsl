// Firing-rate functions ρ(s) in units of 2⁻³⁰. Twin of src/stdp/rho.ts. Needs wide.wgsl, the constants of the twin and,
// for the logistic function, `logisticTable: array<u32, LOGISTIC_NODES>`.

// STDP paper Eq. 18.
fn hardSigmoid(neuron: NeuronParams, s: i32) -> u32 {
  return u32(clamp(s - neuron.beta1, 0, 1 << neuron.fractionBits)) << (RHO_FRACTION_BITS - neuron.fractionBits);
}

#if LOGISTIC
const LOGISTIC_NODES = (LOGISTIC_LIMIT << LOGISTIC_SEGMENT_BITS) + 1u;

fn logistic(neuron: NeuronParams, s: i32) -> u32 {
  let wide = shiftRightWide(multiplySigned(s - neuron.midpoint, neuron.slopeMantissa), neuron.slopeShift);
  let negative = bitcast<i32>(wide.y) < 0;
  let magnitude = select(wide, negateWide(wide), negative);
  let limit = LOGISTIC_LIMIT << LOGISTIC_ARGUMENT_BITS;
  let argument = select(min(magnitude.x, limit), limit, magnitude.y != 0u);
  let interpolationBits = LOGISTIC_ARGUMENT_BITS - LOGISTIC_SEGMENT_BITS;
  let node = argument >> interpolationBits;
  let start = logisticTable[node];
  let step = logisticTable[min(node + 1u, LOGISTIC_NODES - 1u)] - start;
  let value = start + ((step * (argument & ((1u << interpolationBits) - 1u))) >> interpolationBits);
  return select(value, (1u << RHO_FRACTION_BITS) - value, negative);
}
#endif
