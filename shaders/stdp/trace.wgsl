// Spike trains of one trial, for traces: the only kernel whose spikes leave the device. One thread. Needs
// philox.wgsl, spikes.wgsl.

@group(0) @binding(0) var<uniform> params: TraceParams;
@group(0) @binding(1) var<storage, read> planes: array<vec4<u32>>;
// shape [2][words]: presynaptic, postsynaptic
@group(0) @binding(2) var<storage, read_write> spikes: array<u32>;

@compute @workgroup_size(1)
fn main() {
  var random = randomBlock(params.seed, SPIKES_PURPOSE, params.sequence, params.trial, 0u);
  let prePlanes = planesOf(0u, params.row, params.rows, params.words);
  let postPlanes = planesOf(1u, params.row, params.rows, params.words);
  for (var word = 0u; word < params.words; word++) {
    spikes[word] = spikeWord(prePlanes, word, &random);
    spikes[params.words + word] = spikeWord(postPlanes, word, &random);
  }
}
