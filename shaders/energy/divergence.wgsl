// Notes the first batch after which a weight or bias is beyond LARGEST_WEIGHT, or no number. States lie in 0 … 1 and
// useful weights are of the order 1; far beyond, every unit is at a bound and nothing is learned any more, though all
// numbers may be finite. By the bits, as an implementation may take floats for finite: without the sign their order is
// that of the numbers, and what is infinite or no number comes last.

@group(0) @binding(6) var<uniform> phase: PhaseParams;
@group(0) @binding(7) var<storage, read_write> fault: atomic<u32>;

const NO_SIGN = vec4<u32>(0x7fffffffu);
const LARGEST_BITS = vec4<u32>(bitcast<u32>(LARGEST_WEIGHT));

fn noteDivergence(values: vec4<f32>) {
  if (any((bitcast<vec4<u32>>(values) & NO_SIGN) > LARGEST_BITS)) {
    atomicMin(&fault, phase.batch);
  }
}
