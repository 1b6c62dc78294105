// Counts the steps of inference, for the addresses of their noise. One thread.

@group(0) @binding(0) var<storage, read_write> clock: array<u32>;

@compute @workgroup_size(1)
fn main() {
  clock[0]++;
}
