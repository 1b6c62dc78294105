// Integrated activity of one neuron over each sequence of a tile: s(t+1) = s(t) + ε (u(t) − s(t)) (STDP paper Eq. 6) in fixed
// point. A thread owns one sequence and keeps s in registers (units 2^−(F+32), 64 bits); one i32 a step goes out.
// Twin of src/stdp/drive.ts. Needs wide.wgsl, philox.wgsl, levels.wgsl, for `noise`
// normal.wgsl.

@group(0) @binding(0) var<uniform> params: DriveParams;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> neurons: array<NeuronParams>;
@group(0) @binding(3) var<storage, read_write> states: array<i32>;
#if NOISE
@group(0) @binding(4) var<storage, read> normalTable: array<i32, NORMAL_NODES>;
#endif

fn driveBlock(row: Row, index: u32) -> vec4<u32> {
  return randomBlock(row.seed, params.drivePurpose, row.sequence, 0u, index);
}

// state + ε (u − state), ε = mantissa · 2^−(31 + shift); |u − state| < 2⁶².
fn integrateLeaky(neuron: NeuronParams, state: vec2<u32>, u: i32) -> vec2<u32> {
  let difference = addWide(vec2<u32>(0u, bitcast<u32>(u)), negateWide(state));
  return addWide(state, shiftRightWide(scaleWide(difference, neuron.epsilonMantissa), neuron.epsilonShift));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  if (thread.x >= params.rows) {
    return;
  }
  let row = rows[thread.x];
  let neuron = neurons[row.part];
  let out = thread.x * (params.steps + 1u);
  let total = neuron.burnIn + params.steps;

#if NOISE
  let startWord = randomBlock(row.seed, params.startPurpose, row.sequence, 0u, 0u).x;
  let start = neuron.mean + multiplyShift(normalFromWord(startWord), neuron.startSd, 24u);
#else
  let start = neuron.low + i32(neuron.range >> 1u);
#endif
#if STEPS
  var level = 0;
#endif
#if RAMPS
  var knot = 0u;
  var numerator = neuron.numerator;
  var knotLevel = uniformLevel(neuron, driveBlock(row, 0u).x);
  var nextLevel = uniformLevel(neuron, driveBlock(row, 1u).x);
#endif

  var state = vec2<u32>(0u, bitcast<u32>(start));
  // Loops test at their end (trials.wgsl says why).
  var t = 0u;
  loop {
#if NOISE
    // A block serves four steps.
    let block = driveBlock(row, t >> 2u);
    let end = min(t + 4u, total);
#else
    let end = total;
#endif
    loop {
      if (t >= neuron.burnIn) {
        states[out + t - neuron.burnIn] = bitcast<i32>(state.y);
      }
#if NOISE
      let u = neuron.mean + multiplyShift(normalFromWord(block[t & 3u]), neuron.sd, 24u);
#endif
#if STEPS
      let draw = driveBlock(row, t);
      if (t == 0u || draw.x <= neuron.redrawAtMost) {
        level = uniformLevel(neuron, draw.y);
      }
      let u = level;
#endif
#if RAMPS
      let fraction = knotFraction(numerator, neuron.denominator);
      let u = betweenLevels(knotLevel, nextLevel, fraction);
      numerator += neuron.increment;
      if (numerator >= neuron.denominator) {
        numerator -= neuron.denominator;
        knot++;
        knotLevel = nextLevel;
        nextLevel = uniformLevel(neuron, driveBlock(row, knot + 1u).x);
      }
#endif
      state = integrateLeaky(neuron, state, u);
      t++;
      continuing {
        break if t == end;
      }
    }
    continuing {
      break if t == total;
    }
  }
  states[out + params.steps] = bitcast<i32>(state.y);
}
