// Philox4x32-10 (Salmon, Moraes, Dror & Shaw, SC 2011). Twin of src/random/philox.ts. Needs wide.wgsl.

fn philox4x32(key: vec2<u32>, counter: vec4<u32>) -> vec4<u32> {
  var words = counter;
  var roundKey = key;
  var round = 0u;
  loop {
    let product0 = multiplyWide(0xd2511f53u, words.x);
    let product1 = multiplyWide(0xcd9e8d57u, words.z);
    words = vec4<u32>(
      product1.y ^ words.y ^ roundKey.x,
      product1.x,
      product0.y ^ words.w ^ roundKey.y,
      product0.x,
    );
    roundKey += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
    round++;
    continuing {
      break if round == 10u;
    }
  }
  return words;
}

// The random bits at an address (src/random/address.ts).
fn randomBlock(seed: u32, purpose: u32, sequence: u32, trial: u32, step: u32) -> vec4<u32> {
  return philox4x32(vec2<u32>(seed, purpose), vec4<u32>(sequence, trial, step, 0u));
}
