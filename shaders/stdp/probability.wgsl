// From integrated activity to firing rate and spike probability: ρ(s) (hard sigmoid: STDP paper Eq. 18), p = peak · ρ,
// and p transposed to bit planes, the form in which spikes.wgsl compares it with random bits. A thread owns 32 steps
// of one sequence of one neuron. Twin of src/stdp/rho.ts and src/stdp/probability.ts. Needs wide.wgsl.

@group(0) @binding(0) var<uniform> params: ProbabilityParams;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> neurons: array<NeuronParams>;
@group(0) @binding(3) var<storage, read> states: array<i32>;
@group(0) @binding(4) var<storage, read_write> planes: array<u32>;
#if RATES
@group(0) @binding(5) var<storage, read_write> rates: array<u32>;
#endif
#if LOGISTIC
@group(0) @binding(6) var<storage, read> logisticTable: array<u32>;
#endif

// ρ(s) in units of 2⁻³⁰.
fn rhoOf(neuron: NeuronParams, s: i32) -> u32 {
#if LOGISTIC
  let wide = shiftRightWide(multiplySigned(s - neuron.midpoint, neuron.slopeMantissa), neuron.slopeShift);
  let negative = bitcast<i32>(wide.y) < 0;
  let magnitude = select(wide, negateWide(wide), negative);
  let limit = LOGISTIC_LIMIT << LOGISTIC_ARGUMENT_BITS;
  let argument = select(min(magnitude.x, limit), limit, magnitude.y != 0u);
  let interpolationBits = LOGISTIC_ARGUMENT_BITS - LOGISTIC_SEGMENT_BITS;
  let node = argument >> interpolationBits;
  let start = logisticTable[node];
  let step = logisticTable[min(node + 1u, LOGISTIC_LIMIT << LOGISTIC_SEGMENT_BITS)] - start;
  let value = start + ((step * (argument & ((1u << interpolationBits) - 1u))) >> interpolationBits);
  return select(value, (1u << RHO_FRACTION_BITS) - value, negative);
#else
  return u32(clamp(s - neuron.beta1, 0, 1 << neuron.fractionBits)) << (RHO_FRACTION_BITS - neuron.fractionBits);
#endif
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let word = thread.x;
  let row = thread.y;
  if (word >= params.words) {
    return;
  }
  let neuron = neurons[rows[row].part];
  let firstStep = word * 32u;
  let stepsHere = min(32u, params.steps - firstStep);
  var bits: array<u32, PLANES>;
  var stepBit = 1u;
  for (var i = 0u; i < stepsHere; i++) {
    let t = firstStep + i;
    let rho = rhoOf(neuron, states[row * (params.steps + 1u) + t]);
#if RATES
    rates[row * params.steps + t] = rho;
#endif
    let product = addWide(multiplyWide(neuron.peak, rho), vec2<u32>(1u << (RHO_FRACTION_BITS - 1u), 0u));
    let p = shiftRightWide(product, RHO_FRACTION_BITS).x;
    if (p > 0u) {
      bits[0] |= stepBit;
      // The next bit of 2³¹ p − 1, most significant first, is the sign of `rest`: doubling takes no shift.
      var rest = (p - 1u) * 2u;
      for (var plane = 1u; plane < PLANES; plane++) {
        bits[plane] |= select(0u, stepBit, bitcast<i32>(rest) < 0);
        rest += rest;
      }
    }
    stepBit += stepBit;
  }
  for (var plane = 0u; plane < PLANES; plane++) {
    planes[((params.firstRow + row) * params.words + word) * PLANES + plane] = bits[plane];
  }
}
