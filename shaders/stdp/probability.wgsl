// From integrated activity to firing rate and spike probability: ρ(s) (hard sigmoid: STDP paper Eq. 18), p = peak · ρ,
// and p transposed to bit planes, the form in which spikes.wgsl compares it with random bits. A thread owns 32 steps
// of one sequence of one neuron. Twin of src/stdp/probability.ts. Needs wide.wgsl, rho.wgsl.

@group(0) @binding(0) var<uniform> params: ProbabilityParams;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> neurons: array<NeuronParams>;
@group(0) @binding(3) var<storage, read> states: array<i32>;
@group(0) @binding(4) var<storage, read_write> planes: array<vec4<u32>>;
#if RATES
@group(0) @binding(5) var<storage, read_write> rates: array<u32>;
#endif
#if LOGISTIC
@group(0) @binding(6) var<storage, read> logisticTable: array<u32, LOGISTIC_NODES>;
#endif

// ρ(s) in units of 2⁻³⁰.
fn rhoOf(neuron: NeuronParams, s: i32) -> u32 {
#if LOGISTIC
  return logistic(neuron, s);
#else
  return hardSigmoid(neuron, s);
#endif
}

// stepBit where the sign of x is set.
fn signBits(x: vec4<u32>, stepBit: u32) -> vec4<u32> {
  return select(vec4<u32>(), vec4<u32>(stepBit), bitcast<vec4<i32>>(x) < vec4<i32>());
}

const DOUBLINGS = vec4<u32>(1u, 2u, 4u, 8u);

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let thread = (workgroup.y * workgroups.x + workgroup.x) * 64u + lane;
  if (thread >= params.rows * params.words) {
    return;
  }
  let row = thread / params.words;
  let word = thread - row * params.words;
  let neuron = neurons[rows[row].part];
  let firstStep = word * 32u;
  let stepsHere = min(32u, params.steps - firstStep);
  // Indexed by literals only, so that compilers keep it in registers.
  var bits: array<vec4<u32>, 8>;
  var stepBit = 1u;
  for (var i = 0u; i < stepsHere; i++) {
    let t = firstStep + i;
    let rho = rhoOf(neuron, states[row * (params.steps + 1u) + t]);
#if RATES
    rates[row * params.steps + t] = rho;
#endif
    let product = addWide(multiplyWide(neuron.peak, rho), vec2<u32>(1u << (RHO_FRACTION_BITS - 1u), 0u));
    let p = shiftRightWide(product, RHO_FRACTION_BITS).x;
    // The next bit of 2³¹ p − 1, most significant first, is a sign: doubling takes no shift.
    let rest = select(0u, (p - 1u) * 2u, p > 0u);
    bits[0] |= signBits(vec4<u32>(select(0u, 0x80000000u, p > 0u), rest, rest * 2u, rest * 4u), stepBit);
    bits[1] |= signBits(rest * (DOUBLINGS * (1u << 3u)), stepBit);
    bits[2] |= signBits(rest * (DOUBLINGS * (1u << 7u)), stepBit);
    bits[3] |= signBits(rest * (DOUBLINGS * (1u << 11u)), stepBit);
    bits[4] |= signBits(rest * (DOUBLINGS * (1u << 15u)), stepBit);
    bits[5] |= signBits(rest * (DOUBLINGS * (1u << 19u)), stepBit);
    bits[6] |= signBits(rest * (DOUBLINGS * (1u << 23u)), stepBit);
    bits[7] |= signBits(rest * (DOUBLINGS * (1u << 27u)), stepBit);
    stepBit += stepBit;
  }
  let out = (params.firstRow * params.words + thread) * 8u;
  for (var group = 0u; group < 8u; group++) {
    planes[out + group] = bits[group];
  }
}
