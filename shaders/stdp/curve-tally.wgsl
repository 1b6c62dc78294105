// From the counts of trials to the sums behind the spike-timing curve: per sequence and bin the number of presynaptic
// spikes, Σ ṡ_i ρ(s_j) (Eq. 1) and Σ ṡ_i (Eq. 2), in exact 64-bit integers. A thread owns the bins of four words of
// counters of one sequence. Steps are added up in short sums as long as these hold them: what a loop changes costs
// SwiftShader nine instructions a turn. Needs counts.wgsl, product-sums.wgsl.

@group(0) @binding(0) var<uniform> params: TallyParams;
// Halves of ṡ_i ρ(s_j) and of ṡ_i, shape [rows][recordedSteps] (cell-tally.wgsl)
@group(0) @binding(2) var<storage, read> cellTerms: array<vec4<u32>>;
// shape [rows][bins] each
@group(0) @binding(3) var<storage, read_write> rateSums: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read_write> spikeSums: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read_write> pairs: array<u32>;

// Of four bins.
struct StepSums {
  counts: vec4<u32>,
  rates: ShortSums,
  spikes: ShortSums,
}

struct BinSums {
  counts: vec4<u32>,
  rates: WideSums,
  spikes: WideSums,
}

fn addStep(sums: StepSums, counts: vec4<u32>, terms: vec4<u32>) -> StepSums {
  return StepSums(
    sums.counts + counts,
    addEach(sums.rates, counts, vec4<u32>(terms.x), vec4<u32>(terms.y)),
    addEach(sums.spikes, counts, vec4<u32>(terms.z), vec4<u32>(terms.w)),
  );
}

fn joinSteps(sums: BinSums, steps: StepSums) -> BinSums {
  return BinSums(sums.counts + steps.counts, joinEach(sums.rates, steps.rates), joinEach(sums.spikes, steps.spikes));
}

fn sumOf(sums: WideSums, i: u32, total: u32) -> vec2<u32> {
  return withoutOffset(vec2<u32>(sums.low[i], sums.high[i]), total);
}

fn store(row: u32, bin: u32, sums: BinSums, i: u32) {
  if (bin < params.bins) {
    let out = row * params.bins + bin;
    pairs[out] = sums.counts[i];
    rateSums[out] = sumOf(sums.rates, i, sums.counts[i]);
    spikeSums[out] = sumOf(sums.spikes, i, sums.counts[i]);
  }
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let thread = (workgroup.y * workgroups.x + workgroup.x) * 64u + lane;
  if (thread >= params.rows * params.stepVectors) {
    return;
  }
  let row = thread / params.stepVectors;
  let group = thread - row * params.stepVectors;
  var before = BinSums();
  var after = BinSums();
  var cell = row * params.recordedSteps;
  let endOfRow = cell + params.recordedSteps;
  loop {
    var stepsBefore = StepSums();
    var stepsAfter = StepSums();
    let end = min(cell + params.stepsTogether, endOfRow);
    loop {
      let counts = countsAt(cell * params.stepVectors + group);
      let terms = cellTerms[cell];
      stepsBefore = addStep(stepsBefore, counts.before, terms);
      stepsAfter = addStep(stepsAfter, counts.after, terms);
      cell++;
      continuing {
        break if cell >= end;
      }
    }
    before = joinSteps(before, stepsBefore);
    after = joinSteps(after, stepsAfter);
    continuing {
      break if cell >= endOfRow;
    }
  }
  for (var i = 0u; i < 4u; i++) {
    let w = 4u * group + i;
    store(row, binBefore(w, params.window), before, i);
    store(row, binAfter(w, params.window), after, i);
  }
}
