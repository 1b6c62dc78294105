// External voltage of one neuron of one trial, a step a call, for any drive but a table. Twin of `voltageOf` and `startOf`
// in src/stdp/drive.ts. Needs philox.wgsl, normal.wgsl, levels.wgsl.

struct Voltage {
  // Counts calls.
  step: u32,
  // noise: four words, one a step.
  block: vec4<u32>,
  // steps: the level; ramps: the knots on either side and the place between them.
  level: i32,
  nextLevel: i32,
  knot: u32,
  numerator: u32,
}

fn startVoltage(drive: u32, neuron: NeuronParams, purpose: u32, trial: u32) -> Voltage {
  var voltage = Voltage(0u, vec4<u32>(), 0, 0, 0u, neuron.numerator);
  if (drive == RAMPS_DRIVE) {
    voltage.level = uniformLevel(neuron, loopBlock(purpose, trial, 0u).x);
    voltage.nextLevel = uniformLevel(neuron, loopBlock(purpose, trial, 1u).x);
  }
  return voltage;
}

fn nextVoltage(drive: u32, neuron: NeuronParams, purpose: u32, trial: u32, voltage: ptr<function, Voltage>) -> i32 {
  let step = (*voltage).step;
  (*voltage).step = step + 1u;
  if (drive == NOISE_DRIVE) {
    if ((step & 3u) == 0u) {
      (*voltage).block = loopBlock(purpose, trial, step >> 2u);
    } else {
      (*voltage).block = (*voltage).block.yzwx;
    }
    return neuron.mean + multiplyShift(normalFromWord((*voltage).block.x), neuron.sd, NORMAL_FRACTION_BITS);
  }
  if (drive == STEPS_DRIVE) {
    let draw = loopBlock(purpose, trial, step);
    if (step == 0u || draw.x <= neuron.redrawAtMost) {
      (*voltage).level = uniformLevel(neuron, draw.y);
    }
    return (*voltage).level;
  }
  let fraction = knotFraction((*voltage).numerator, neuron.denominator);
  let u = betweenLevels((*voltage).level, (*voltage).nextLevel, fraction);
  (*voltage).numerator += neuron.increment;
  if ((*voltage).numerator >= neuron.denominator) {
    (*voltage).numerator -= neuron.denominator;
    (*voltage).knot += 1u;
    (*voltage).level = (*voltage).nextLevel;
    (*voltage).nextLevel = uniformLevel(neuron, loopBlock(purpose, trial, (*voltage).knot + 1u).x);
  }
  return u;
}

// s before the first step.
fn startState(drive: u32, neuron: NeuronParams, purpose: u32, trial: u32) -> i32 {
  if (drive != NOISE_DRIVE) {
    return neuron.low + i32(neuron.range >> 1u);
  }
  let word = loopBlock(purpose, trial, 0u).x;
  return neuron.mean + multiplyShift(normalFromWord(word), neuron.startSd, NORMAL_FRACTION_BITS);
}
