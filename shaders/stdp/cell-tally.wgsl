// From the counts of trials to the agreement of the rules: per row and recorded step the rate rule ṡ_i ρ(s_j) (Eq. 1)
// and the pair rule summed over trials, in exact 64-bit integers. A thread takes four steps of one row at a time, which
// share the loads of weight changes, and then the next four that are its own: SwiftShader begins a thread in the time of
// thousands of instructions. Needs counts.wgsl, product-sums.wgsl.

@group(0) @binding(0) var<uniform> params: TallyParams;
@group(0) @binding(2) var<storage, read> postStates: array<i32>;
@group(0) @binding(3) var<storage, read> preRates: array<u32>;
@group(0) @binding(4) var<storage, read> rows: array<Row>;
// Weight changes of the bins of four words of counters, those before and those after: shape
// [experiments][stepVectors][2].
@group(0) @binding(5) var<storage, read> kernel: array<vec4<i32>>;
// shape [rows][recordedSteps]
@group(0) @binding(6) var<storage, read_write> cellRates: array<i32>;
@group(0) @binding(7) var<storage, read_write> cellPairs: array<vec2<u32>>;
// For curve-tally.wgsl, in the same shape.
@group(0) @binding(8) var<storage, read_write> cellTerms: array<vec4<u32>>;

// What is summed of a step.
struct StepSum {
  products: ShortSum,
  counts: u32,
}

// Weight changes of the bins of four words, in halves.
struct Weights {
  beforeLow: vec4<u32>,
  beforeHigh: vec4<u32>,
  afterLow: vec4<u32>,
  afterHigh: vec4<u32>,
}

fn weightsAt(vector: u32) -> Weights {
  let b = kernel[2u * vector];
  let a = kernel[2u * vector + 1u];
  let b0 = halvesOf(b.x);
  let b1 = halvesOf(b.y);
  let b2 = halvesOf(b.z);
  let b3 = halvesOf(b.w);
  let a0 = halvesOf(a.x);
  let a1 = halvesOf(a.y);
  let a2 = halvesOf(a.z);
  let a3 = halvesOf(a.w);
  return Weights(
    vec4<u32>(b0.x, b1.x, b2.x, b3.x),
    vec4<u32>(b0.y, b1.y, b2.y, b3.y),
    vec4<u32>(a0.x, a1.x, a2.x, a3.x),
    vec4<u32>(a0.y, a1.y, a2.y, a3.y),
  );
}

fn addBins(sum: StepSum, vector: u32, weights: Weights) -> StepSum {
  let counts = countsAt(vector);
  let products = addAcross(sum.products, counts.before, weights.beforeLow, weights.beforeHigh);
  return StepSum(
    addAcross(products, counts.after, weights.afterLow, weights.afterHigh),
    sum.counts + dot(counts.before + counts.after, vec4<u32>(1u)),
  );
}

fn storeTerms(row: u32, index: u32) {
  if (index >= params.recordedSteps) {
    return;
  }
  let t = params.firstRecorded + index;
  let state = row * (params.steps + 1u) + t;
  let change = postStates[state + 1u] - postStates[state];
  let rate = multiplyShift(change, preRates[row * params.steps + t], RHO_FRACTION_BITS);
  let cell = row * params.recordedSteps + index;
  cellRates[cell] = rate;
  cellTerms[cell] = vec4<u32>(halvesOf(rate), halvesOf(change));
}

fn storePairs(row: u32, index: u32, sum: vec2<u32>, total: u32) {
  if (index < params.recordedSteps) {
    cellPairs[row * params.recordedSteps + index] = withoutOffset(sum, total);
  }
}

// Four steps from `index` on; beyond the last recorded one what is read is not stored.
fn tally(row: u32, index: u32) {
  let stride = params.stepVectors;
  let firstWeights = rows[row].part * stride;
  let first = (row * params.recordedSteps + index) * stride;
  var total0 = vec2<u32>();
  var total1 = vec2<u32>();
  var total2 = vec2<u32>();
  var total3 = vec2<u32>();
  var counts = vec4<u32>();
  var group = 0u;
  loop {
    var step0 = StepSum();
    var step1 = StepSum();
    var step2 = StepSum();
    var step3 = StepSum();
    let end = min(group + params.vectorsTogether, stride);
    loop {
      let weights = weightsAt(firstWeights + group);
      let vector = first + group;
      step0 = addBins(step0, vector, weights);
      step1 = addBins(step1, vector + stride, weights);
      step2 = addBins(step2, vector + 2u * stride, weights);
      step3 = addBins(step3, vector + 3u * stride, weights);
      group++;
      continuing {
        break if group >= end;
      }
    }
    total0 = joinOne(total0, step0.products);
    total1 = joinOne(total1, step1.products);
    total2 = joinOne(total2, step2.products);
    total3 = joinOne(total3, step3.products);
    counts += vec4<u32>(step0.counts, step1.counts, step2.counts, step3.counts);
    continuing {
      break if group >= stride;
    }
  }
  storePairs(row, index, total0, counts.x);
  storePairs(row, index + 1u, total1, counts.y);
  storePairs(row, index + 2u, total2, counts.z);
  storePairs(row, index + 3u, total3, counts.w);
  for (var i = 0u; i < 4u; i++) {
    storeTerms(row, index + i);
  }
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let turns = (params.recordedSteps + 3u) / 4u;
  let threads = workgroups.x * workgroups.y * 64u;
  for (var i = (workgroup.y * workgroups.x + workgroup.x) * 64u + lane; i < params.rows * turns; i += threads) {
    let row = i / turns;
    tally(row, 4u * (i - row * turns));
  }
}
