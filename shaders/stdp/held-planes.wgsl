// The first planes of the words of trains of up to 160 steps, loaded once for all trials of a thread: SwiftShader takes
// some 500 instructions to load each of the four texels of a word of both neurons, and 240 to choose all four among those of
// five words. Needs spikes.wgsl.

struct HeldPlanes {
  word0: FirstPlanes,
  word1: FirstPlanes,
  word2: FirstPlanes,
  word3: FirstPlanes,
  word4: FirstPlanes,
}

// What is loaded beyond the words of the train is not chosen.
fn holdPlanes(start: vec2<u32>) -> HeldPlanes {
  return HeldPlanes(
    firstPlanes(start, 0u),
    firstPlanes(start, 1u),
    firstPlanes(start, 2u),
    firstPlanes(start, 3u),
    firstPlanes(start, 4u),
  );
}

fn maskOf(isWord: bool) -> vec4<u32> {
  return vec4<u32>(select(0u, 0xffffffffu, isWord));
}

fn heldPlanes(held: HeldPlanes, word: u32) -> FirstPlanes {
  let is0 = maskOf(word == 0u);
  let is1 = maskOf(word == 1u);
  let is2 = maskOf(word == 2u);
  let is3 = maskOf(word == 3u);
  let is4 = maskOf(word == 4u);
  return FirstPlanes(
    (held.word0.a & is0) | (held.word1.a & is1) | (held.word2.a & is2) | (held.word3.a & is3) | (held.word4.a & is4),
    (held.word0.b & is0) | (held.word1.b & is1) | (held.word2.b & is2) | (held.word3.b & is3) | (held.word4.b & is4),
  );
}
