// sfc32 (Doty-Humphrey, PractRand): state (a, b, c, counter). Twin of src/random/sfc32.ts. Needs
// shifts.wgsl.

#if SLOW_SHIFTS
// Multiplications for the shifts to the left.
fn timesNine(x: u32) -> u32 {
  return x * 9u;
}

fn rotateLeft21(x: u32) -> u32 {
  return (x * (1u << 21u)) | shiftRight11(x);
}
#else
fn timesNine(x: u32) -> u32 {
  return x + (x << 3u);
}

fn rotateLeft21(x: u32) -> u32 {
  return (x << 21u) | shiftRight11(x);
}
#endif

fn sfc32(state: ptr<function, vec4<u32>>) -> u32 {
  let s = *state;
  let word = s.x + s.y + s.w;
  *state = vec4<u32>(s.y ^ shiftRight9(s.y), timesNine(s.z), rotateLeft21(s.z) + word, s.w + 1u);
  return word;
}
