// Integrated activity of one neuron over each sequence: s(t+1) = s(t) + ε (u(t) − s(t)) (STDP paper Eq. 6) in fixed
// point. A thread owns one sequence and keeps s in registers (units 2^−(F+32), 64 bits); one i32 a step goes out.
// Twin of src/stdp/drive.ts. Needs wide.wgsl, philox.wgsl, for `noise` normal.wgsl.

@group(0) @binding(0) var<uniform> params: DriveParams;
@group(0) @binding(1) var<storage, read_write> states: array<i32>;
#if NOISE
@group(0) @binding(2) var<storage, read> normalTable: array<i32>;
#endif

// low + range · word / 2³²
fn uniformLevel(word: u32) -> i32 {
  return params.low + bitcast<i32>(multiplyWide(params.range, word).y);
}

fn driveBlock(sequence: u32, index: u32) -> vec4<u32> {
  return randomBlock(params.seed, params.drivePurpose, sequence, 0u, index);
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

// state + ε (u − state), ε = mantissa · 2^−(31 + shift); |u − state| < 2⁶² so that its double does not overflow.
fn integrateLeaky(state: vec2<u32>, u: i32) -> vec2<u32> {
  let difference = addWide(vec2<u32>(0u, bitcast<u32>(u)), negateWide(state));
  let twice = vec2<u32>(difference.x << 1u, (difference.y << 1u) | (difference.x >> 31u));
  let lowProduct = multiplyWide(twice.x, params.epsilonMantissa);
  let highProduct = multiplySigned(bitcast<i32>(twice.y), params.epsilonMantissa);
  let product = addWide(highProduct, vec2<u32>(lowProduct.y, 0u));
  return addWide(state, shiftRightWide(product, params.epsilonShift));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  let row = thread.x;
  if (row >= params.sequences) {
    return;
  }
  let sequence = params.firstSequence + row;
  let out = row * (params.steps + 1u);
  let total = params.burnIn + params.steps;

#if NOISE
  let startWord = randomBlock(params.seed, params.startPurpose, sequence, 0u, 0u).x;
  let start = params.mean + multiplyShift(normalFromWord(startWord), params.startSd, 24u);
  var block = vec4<u32>();
#else
  let start = params.low + i32(params.range >> 1u);
#endif
#if STEPS
  var level = 0;
#endif
#if RAMPS
  var knot = 0u;
  var numerator = params.numerator;
  var knotLevel = uniformLevel(driveBlock(sequence, 0u).x);
  var nextLevel = uniformLevel(driveBlock(sequence, 1u).x);
#endif

  var state = vec2<u32>(0u, bitcast<u32>(start));
  for (var t = 0u; t < total; t++) {
    if (t >= params.burnIn) {
      states[out + t - params.burnIn] = bitcast<i32>(state.y);
    }
#if NOISE
    if ((t & 3u) == 0u) {
      block = driveBlock(sequence, t >> 2u);
    }
    let u = params.mean + multiplyShift(normalFromWord(block[t & 3u]), params.sd, 24u);
#endif
#if STEPS
    let draw = driveBlock(sequence, t);
    if (t == 0u || draw.x <= params.redrawAtMost) {
      level = uniformLevel(draw.y);
    }
    let u = level;
#endif
#if RAMPS
    let fraction = knotFraction(numerator, params.denominator);
    let u = knotLevel + bitcast<i32>(shiftRightWide(multiplySigned(nextLevel - knotLevel, fraction), 24u).x);
    numerator += params.increment;
    if (numerator >= params.denominator) {
      numerator -= params.denominator;
      knot++;
      knotLevel = nextLevel;
      nextLevel = uniformLevel(driveBlock(sequence, knot + 1u).x);
    }
#endif
    state = integrateLeaky(state, u);
  }
  states[out + params.steps] = bitcast<i32>(state.y);
}
