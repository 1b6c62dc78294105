// Sums of the user's rule over all trials, in exact 64-bit integers: the weight changes of rule-quanta.wgsl times the
// counts of trials. With CELLS a thread owns one step of one row and sums over its bins, without it the bins of four
// words of counters of one row and sums over the steps. Needs counts.wgsl, product-sums.wgsl.

@group(0) @binding(0) var<uniform> params: RuleParams;
// shape [rows][recordedSteps][stepVectors][2]
@group(0) @binding(2) var<storage, read> quanta: array<vec4<i32>>;
// shape [rows][recordedSteps] with CELLS, [rows][bins] without
@group(0) @binding(3) var<storage, read_write> sums: array<vec2<u32>>;

struct FourSums {
  counts: vec4<u32>,
  sums: WideSums,
}

fn addQuanta(total: FourSums, counts: vec4<u32>, here: vec4<i32>) -> FourSums {
  let x = halvesOf(here.x);
  let y = halvesOf(here.y);
  let z = halvesOf(here.z);
  let w = halvesOf(here.w);
  let products = addEach(ShortSums(), counts, vec4<u32>(x.x, y.x, z.x, w.x), vec4<u32>(x.y, y.y, z.y, w.y));
  return FourSums(total.counts + counts, joinEach(total.sums, products));
}

fn sumOf(total: FourSums, i: u32) -> vec2<u32> {
  return withoutOffset(vec2<u32>(total.sums.low[i], total.sums.high[i]), total.counts[i]);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let thread = (workgroup.y * workgroups.x + workgroup.x) * 64u + lane;
#if CELLS
  if (thread >= params.rows * params.recordedSteps) {
    return;
  }
  var total = FourSums();
  for (var group = 0u; group < params.stepVectors; group++) {
    let vector = thread * params.stepVectors + group;
    let counts = countsAt(vector);
    total = addQuanta(total, counts.before, quanta[2u * vector]);
    total = addQuanta(total, counts.after, quanta[2u * vector + 1u]);
  }
  sums[thread] = addWide(addWide(sumOf(total, 0u), sumOf(total, 1u)), addWide(sumOf(total, 2u), sumOf(total, 3u)));
#else
  if (thread >= params.rows * params.stepVectors) {
    return;
  }
  let row = thread / params.stepVectors;
  let group = thread - row * params.stepVectors;
  var before = FourSums();
  var after = FourSums();
  for (var index = 0u; index < params.recordedSteps; index++) {
    let vector = (row * params.recordedSteps + index) * params.stepVectors + group;
    let counts = countsAt(vector);
    before = addQuanta(before, counts.before, quanta[2u * vector]);
    after = addQuanta(after, counts.after, quanta[2u * vector + 1u]);
  }
  for (var i = 0u; i < 4u; i++) {
    let w = 4u * group + i;
    store(row, binBefore(w, params.window), sumOf(before, i));
    store(row, binAfter(w, params.window), sumOf(after, i));
  }
#endif
}

fn store(row: u32, bin: u32, sum: vec2<u32>) {
  if (bin < params.bins) {
    sums[row * params.bins + bin] = sum;
  }
}
