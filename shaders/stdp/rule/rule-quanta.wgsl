// The user's rule for every pair that was counted: what a rule is told (d, ṡ_i, ρ(s_j), ρ(s_i), t) is the same in every
// trial, so it is evaluated once for each row, recorded step and bin of the histogram that holds pairs, and rounded to
// the fixed-point step. A thread owns one step of one row. Needs `ruleValue`, which is written from the user's expression
// (src/stdp/rule/emit-wgsl.ts).

@group(0) @binding(0) var<uniform> params: RuleParams;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
// shape [rows][recordedSteps][binGroups]
@group(0) @binding(2) var<storage, read> histogram: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> postStates: array<i32>;
// shape [rows][steps] each
@group(0) @binding(4) var<storage, read> preRates: array<u32>;
@group(0) @binding(5) var<storage, read> postRates: array<u32>;
// shape [experiments][RULE_HEAD + parameters]: one unit of ṡ_i, steps in a weight change of 1, the user's parameters
@group(0) @binding(6) var<storage, read> ruleParameters: array<f32>;
// Weight changes in steps, shape as that of the histogram; 0 where there are no pairs.
@group(0) @binding(7) var<storage, read_write> quanta: array<vec4<i32>>;
// By row: the first place (4 binGroups · step + bin) without a weight change.
@group(0) @binding(8) var<storage, read_write> faults: array<atomic<u32>>;

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
  let dsPost = f32(postStates[state + 1u] - postStates[state]) * ruleParameters[head];
  let stepsPerUnit = ruleParameters[head + 1u];
  let rhoPre = f32(preRates[row * params.steps + t]) * RHO_UNIT;
  let rhoPost = f32(postRates[row * params.steps + t]) * RHO_UNIT;
  for (var group = 0u; group < params.binGroups; group++) {
    let at = cell * params.binGroups + group;
    let counts = histogram[at];
    var here = vec4<i32>();
    for (var i = 0u; i < 4u; i++) {
      let bin = 4u * group + i;
      if (counts[i] == 0u || bin > 2u * params.window || bin == params.noPairsBin) {
        continue;
      }
      let d = f32(i32(bin) - i32(params.window));
      let change = ruleValue(head + RULE_HEAD, d, dsPost, rhoPre, rhoPost, f32(t));
      let scaled = change.value * stepsPerUnit;
      if (change.fault || !(abs(scaled) <= LARGEST_QUANTUM)) {
        atomicMin(&faults[row], index * params.binGroups * 4u + bin);
      } else {
        here[i] = i32(round(scaled));
      }
    }
    quanta[at] = here;
  }
}
