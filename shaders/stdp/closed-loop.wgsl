// Closed loop: s_i(t+1) = s_i(t) + ε (u_i(t) + W(t) x_j(t) − s_i(t)), x_j = ρ(s_j) or ξ_j, and W(t+1) = W(t) + η ΔW with
// ΔW = ṡ_i ρ(s_j) (STDP paper Eq. 1), ṡ_i ξ_j (Eq. 2) or pairs of spikes; beside it the same without learning, on the same
// random words. A thread owns a trial from its burn-in to its end and keeps all of it in registers (s and W in units of
// 2^−(F+32), 64 bits); per record its sums of ṡ² and its weight go out. Twin of src/stdp/closed-loop/loop-trial.ts. Needs
// closed-loop-voltage.wgsl, rho.wgsl, with PAIRS closed-loop-pairing.wgsl.

@group(0) @binding(0) var<uniform> params: LoopParams;
// presynaptic, postsynaptic
@group(0) @binding(1) var<storage, read> neurons: array<NeuronParams>;
@group(0) @binding(2) var<storage, read> normalTable: array<i32, NORMAL_NODES>;
// shape [records + 1][trials]; the last is the whole trial
@group(0) @binding(3) var<storage, read_write> values: array<TrialRecord>;
#if LOGISTIC
@group(0) @binding(4) var<storage, read> logisticTable: array<u32, LOGISTIC_NODES>;
#endif
#if PAIRS
// η ΔW in units of 2^−(F+32) by spike-timing difference
@group(0) @binding(5) var<storage, read> pairs: array<vec2<u32>>;
#endif

fn loopBlock(purpose: u32, trial: u32, step: u32) -> vec4<u32> {
  return randomBlock(params.seed, purpose, 0u, trial, step);
}

fn rhoOf(isLogistic: u32, neuron: NeuronParams, s: i32) -> u32 {
#if LOGISTIC
  if (isLogistic != 0u) {
    return logistic(neuron, s);
  }
#endif
  return hardSigmoid(neuron, s);
}

// Whether a step with this random word has a spike: probability peak · ρ in units of 2⁻³¹.
fn spikes(neuron: NeuronParams, rho: u32, word: u32) -> bool {
  let product = addWide(multiplyWide(neuron.peak, rho), vec2<u32>(1u << (RHO_FRACTION_BITS - 1u), 0u));
  return (word >> 1u) < shiftRightWide(product, RHO_FRACTION_BITS).x;
}

// s + ε (input − s), ε in units of 2⁻³¹.
fn integrate(state: vec2<u32>, input: vec2<u32>, epsilon: u32) -> vec2<u32> {
  return addWide(state, scaleWide(addWide(input, negateWide(state)), epsilon));
}

// ṡ² in units of 2^−Q, rounded: the upper word of the square of the scaled ṡ, which takes no shift.
fn squared(rate: i32) -> u32 {
  let magnitude = u32(abs(rate)) * params.rateScale;
  let product = multiplyWide(magnitude, magnitude);
  return product.y + select(0u, 1u, bitcast<i32>(product.x) < 0);
}

fn timesEta(change: vec2<u32>) -> vec2<u32> {
  return shiftRightWide(scaleWide(change, params.etaMantissa), params.etaShift);
}

// W + ΔW within its bounds.
fn learn(weight: vec2<u32>, change: vec2<u32>) -> vec2<u32> {
  if (params.bounds == NO_BOUNDS) {
    return addWide(weight, change);
  }
  var limited = change;
  if (params.bounds == SOFT_BOUNDS) {
    let w = bitcast<i32>(weight.y);
    let room = select(params.highWeight - w, w - params.lowWeight, bitcast<i32>(change.y) < 0);
    let share = shiftRightWide(multiplyWide(u32(room), params.rangeMantissa), params.rangeShift).x;
    limited = scaleWide(change, min(share, 0x80000000u));
  }
  let learned = addWide(weight, limited);
  // Under soft bounds only rounding gets there.
  if (bitcast<i32>(learned.y) >= params.highWeight) {
    return vec2<u32>(0u, bitcast<u32>(params.highWeight));
  }
  if (bitcast<i32>(learned.y) < params.lowWeight) {
    return vec2<u32>(0u, bitcast<u32>(params.lowWeight));
  }
  return learned;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
  if (thread.x >= params.trials) {
    return;
  }
  let trial = params.firstTrial + thread.x;
  let pre = neurons[0];
  let post = neurons[1];
  var preVoltage = startVoltage(params.preDrive, pre, PRE_DRIVE_PURPOSE, trial);
  var postVoltage = startVoltage(params.postDrive, post, POST_DRIVE_PURPOSE, trial);
  var preState = vec2<u32>(0u, bitcast<u32>(startState(params.preDrive, pre, PRE_START_PURPOSE, trial)));
  var learned = vec2<u32>(0u, bitcast<u32>(startState(params.postDrive, post, POST_START_PURPOSE, trial)));
  var plain = learned;
  let weightWord = loopBlock(WEIGHT_PURPOSE, trial, 0u).x;
  let initial = params.initialLow + bitcast<i32>(multiplyWide(params.initialRange, weightWord).y);
  let fixedWeight = vec2<u32>(0u, bitcast<u32>(initial));
  var weight = fixedWeight;
#if PAIRS
  var preSpikes = SpikeHistory();
  var postSpikes = SpikeHistory();
#endif
#if SPIKES
  var words = vec4<u32>();
#endif

  var learnedTotal = vec2<u32>();
  var plainTotal = vec2<u32>();
  var record = TrialRecord();
  var out = thread.x;
  var left = params.every;
  for (var step = 0u; step < params.burnIn + params.steps; step++) {
    let learning = step >= params.burnIn;
    let rho = rhoOf(params.preLogistic, pre, bitcast<i32>(preState.y));
#if SPIKES
    if ((step & 1u) == 0u) {
      words = loopBlock(LOOP_SPIKES_PURPOSE, trial, step >> 1u);
    } else {
      words = words.zwxy;
    }
    let spike = spikes(pre, rho, words.x);
#endif
#if PAIRS
    if (learning) {
      let postRho = rhoOf(params.postLogistic, post, bitcast<i32>(learned.y));
      pushSpike(&preSpikes, select(0u, 1u, spike));
      pushSpike(&postSpikes, select(0u, 1u, spikes(post, postRho, words.y)));
    }
#endif
#if SPIKE_INPUT
    let transmitted = select(0u, 0x80000000u, spike);
#else
    let transmitted = rho * 2u;
#endif
    let u = nextVoltage(params.postDrive, post, POST_DRIVE_PURPOSE, trial, &postVoltage);
    let outside = vec2<u32>(0u, bitcast<u32>(u));
    let learnedBefore = bitcast<i32>(learned.y);
    let plainBefore = bitcast<i32>(plain.y);
    learned = integrate(learned, addWide(outside, scaleWide(weight, transmitted)), params.postEpsilon);
    plain = integrate(plain, addWide(outside, scaleWide(fixedWeight, transmitted)), params.postEpsilon);
    let preU = nextVoltage(params.preDrive, pre, PRE_DRIVE_PURPOSE, trial, &preVoltage);
    preState = integrate(preState, vec2<u32>(0u, bitcast<u32>(preU)), params.preEpsilon);
    if (learning) {
      if (left == params.every) {
        record = TrialRecord(vec2<u32>(), vec2<u32>(), bitcast<i32>(weight.y));
      }
      let rate = bitcast<i32>(learned.y) - learnedBefore;
      record.learned = addWide(record.learned, vec2<u32>(squared(rate), 0u));
      record.plain = addWide(record.plain, vec2<u32>(squared(bitcast<i32>(plain.y) - plainBefore), 0u));
      left--;
      if (left == 0u || step + 1u == params.burnIn + params.steps) {
        values[out] = record;
        out += params.trials;
        learnedTotal = addWide(learnedTotal, record.learned);
        plainTotal = addWide(plainTotal, record.plain);
        left = params.every;
      }

      var change = vec2<u32>();
#if PAIRS
      if (hadSpike(&preSpikes, params.window)) {
        change = dueChange(&preSpikes, &postSpikes, params.window);
      }
#elif SPIKE_RULE
      if (spike) {
        change = timesEta(vec2<u32>(0u, bitcast<u32>(rate)));
      }
#else
      let product = multiplySigned(rate, rho);
      let aligned = vec2<u32>(product.x << 2u, (product.y << 2u) | (product.x >> RHO_FRACTION_BITS));
      change = timesEta(aligned);
#endif
      weight = learn(weight, change);
    }
  }
  values[out] = TrialRecord(learnedTotal, plainTotal, bitcast<i32>(weight.y));
}
