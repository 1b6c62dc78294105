// Sums of what closed-loop.wgsl leaves, over its trials: Σ ṡ² with learning and without, Σ of the squared paired
// difference, Σ W, Σ W² and the histogram of W, in exact integers. A workgroup owns a record; what earlier dispatches
// summed is added to. Twin of src/stdp/closed-loop/loop-sums.ts. Needs wide.wgsl.

// Little-endian words.
struct RecordSums {
  learned: vec4<u32>,
  plain: vec4<u32>,
  squaredDifference: vec4<u32>,
  squaredWeight: vec4<u32>,
  weight: vec2<u32>,
}

@group(0) @binding(0) var<uniform> params: LoopSumsParams;
// shape [records + 1][trials]
@group(0) @binding(1) var<storage, read> values: array<TrialRecord>;
// shape [bins + 1]
@group(0) @binding(2) var<storage, read> edges: array<i32>;
// shape [records + 1]
@group(0) @binding(3) var<storage, read_write> sums: array<RecordSums>;
// shape [records + 1][bins + 2]
@group(0) @binding(4) var<storage, read_write> histogram: array<u32>;

const LANES = 64u;
var<workgroup> partial: array<RecordSums, LANES>;
var<workgroup> counts: array<atomic<u32>, MOST_BINS + 2u>;

fn addFour(x: vec4<u32>, y: vec4<u32>) -> vec4<u32> {
  let low = addWide(x.xy, y.xy);
  let carry = low.y < x.y || (low.y == x.y && low.x < x.x);
  let high = addWide(addWide(x.zw, y.zw), vec2<u32>(select(0u, 1u, carry), 0u));
  return vec4<u32>(low, high);
}

// x², x < 2⁶⁴: four partial products in columns of 32 bits.
fn squareWide(x: vec2<u32>) -> vec4<u32> {
  let cross = multiplyWide(x.x, x.y);
  let middle = vec4<u32>(0u, cross, 0u);
  return addFour(vec4<u32>(multiplyWide(x.x, x.x), multiplyWide(x.y, x.y)), addFour(middle, middle));
}

fn magnitudeWide(x: vec2<u32>) -> vec2<u32> {
  return select(x, negateWide(x), bitcast<i32>(x.y) < 0);
}

fn addSums(x: RecordSums, y: RecordSums) -> RecordSums {
  return RecordSums(
    addFour(x.learned, y.learned),
    addFour(x.plain, y.plain),
    addFour(x.squaredDifference, y.squaredDifference),
    addFour(x.squaredWeight, y.squaredWeight),
    addWide(x.weight, y.weight),
  );
}

fn sumsOf(value: TrialRecord) -> RecordSums {
  let difference = addWide(value.learned, negateWide(value.plain));
  let weight = vec2<u32>(bitcast<u32>(value.weight), bitcast<u32>(value.weight >> 31u));
  return RecordSums(
    vec4<u32>(value.learned, 0u, 0u),
    vec4<u32>(value.plain, 0u, 0u),
    squareWide(magnitudeWide(difference)),
    squareWide(magnitudeWide(weight)),
    weight,
  );
}

// 0 below the first edge, bins + 1 above the last, which belongs to the bin below it.
fn binOf(weight: i32) -> u32 {
  var low = 0u;
  var high = params.bins + 1u;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (weight >= edges[middle]) {
      low = middle + 1u;
    } else {
      high = middle;
    }
  }
  return select(low, params.bins, weight == edges[params.bins]);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let record = workgroup.x;
  let bins = params.bins + 2u;
  for (var bin = lane; bin < bins; bin += LANES) {
    atomicStore(&counts[bin], 0u);
  }
  workgroupBarrier();
  var own = RecordSums();
  for (var trial = lane; trial < params.trials; trial += LANES) {
    let value = values[record * params.trials + trial];
    own = addSums(own, sumsOf(value));
    atomicAdd(&counts[binOf(value.weight)], 1u);
  }
  partial[lane] = own;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      partial[lane] = addSums(partial[lane], partial[lane + half]);
    }
  }
  if (lane == 0u) {
    sums[record] = addSums(sums[record], partial[0]);
  }
  for (var bin = lane; bin < bins; bin += LANES) {
    histogram[record * bins + bin] += atomicLoad(&counts[bin]);
  }
}
