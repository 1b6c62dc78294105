// The user's rule for every pair that was counted: what a rule is told (d, ṡ_i, ρ(s_j), ρ(s_i), t) is the same in every
// trial, so it is evaluated once for each row, recorded step and bin of the histogram that holds pairs, and rounded to
// the fixed-point step. A thread owns one step of one row. Needs counts.wgsl, and `ruleValue`, which is
// written from the user's expression (src/stdp/rule/emit-wgsl.ts).

@group(0) @binding(0) var<uniform> params: RuleParams;
@group(0) @binding(2) var<storage, read> rows: array<Row>;
@group(0) @binding(3) var<storage, read> postStates: array<i32>;
// shape [rows][steps] each
@group(0) @binding(4) var<storage, read> preRates: array<u32>;
@group(0) @binding(5) var<storage, read> postRates: array<u32>;
// shape [experiments][RULE_HEAD + parameters]: one unit of ṡ_i, steps in a weight change of 1, the user's parameters
@group(0) @binding(6) var<storage, read> ruleParameters: array<f32>;
// Weight changes in steps, of the bins of four words of counters, those before and those after: shape
// [rows][recordedSteps][stepVectors][2]; 0 where there are no pairs.
@group(0) @binding(7) var<storage, read_write> quanta: array<vec4<i32>>;
// By row: the first place (bins · step + bin) without a weight change.
@group(0) @binding(8) var<storage, read_write> faults: array<atomic<u32>>;

// What the rule is told besides the distance.
struct Given {
  parameters: u32,
  dsPost: f32,
  rhoPre: f32,
  rhoPost: f32,
  t: f32,
  stepsPerUnit: f32,
}

// The weight change of the pairs of a bin, in steps; 0 where there are none.
fn quantum(row: u32, index: u32, count: u32, bin: u32, given: Given) -> i32 {
  if (count == 0u || bin > 2u * params.window || bin == params.noPairsBin) {
    return 0;
  }
  let d = f32(i32(bin) - i32(params.window));
  let change = ruleValue(given.parameters, d, given.dsPost, given.rhoPre, given.rhoPost, given.t);
  let scaled = change.value * given.stepsPerUnit;
  if (change.fault || !(abs(scaled) <= LARGEST_QUANTUM)) {
    atomicMin(&faults[row], index * params.bins + bin);
    return 0;
  }
  return i32(round(scaled));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let cell = (workgroup.y * workgroups.x + workgroup.x) * 64u + lane;
  if (cell >= params.rows * params.recordedSteps) {
    return;
  }
  let row = cell / params.recordedSteps;
  let index = cell - row * params.recordedSteps;
  let t = params.firstRecorded + index;
  let state = row * (params.steps + 1u) + t;
  let head = rows[row].part * (RULE_HEAD + params.parameters);
  let given = Given(
    head + RULE_HEAD,
    f32(postStates[state + 1u] - postStates[state]) * ruleParameters[head],
    f32(preRates[row * params.steps + t]) * RHO_UNIT,
    f32(postRates[row * params.steps + t]) * RHO_UNIT,
    f32(t),
    ruleParameters[head + 1u],
  );
  for (var group = 0u; group < params.stepVectors; group++) {
    let vector = cell * params.stepVectors + group;
    let counts = countsAt(vector);
    var before = vec4<i32>();
    var after = vec4<i32>();
    for (var i = 0u; i < 4u; i++) {
      let w = 4u * group + i;
      before[i] = quantum(row, index, counts.before[i], binBefore(w, params.window), given);
      after[i] = quantum(row, index, counts.after[i], binAfter(w, params.window), given);
    }
    quanta[2u * vector] = before;
    quanta[2u * vector + 1u] = after;
  }
}
