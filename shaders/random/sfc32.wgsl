// sfc32 (Doty-Humphrey, PractRand): state (a, b, c, counter). Twin of src/random/sfc32.ts.

fn sfc32(state: ptr<function, vec4<u32>>) -> u32 {
  let s = *state;
  let word = s.x + s.y + s.w;
  *state = vec4<u32>(s.y ^ (s.y >> 9u), s.z + (s.z << 3u), ((s.z << 21u) | (s.z >> 11u)) + word, s.w + 1u);
  return word;
}
