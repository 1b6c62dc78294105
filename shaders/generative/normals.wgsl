// Four standard normal deviates at an address. Needs philox.wgsl, normal.wgsl and params with `seed` and `purpose`.

fn normalsAt(row: u32, time: u32, column: u32) -> vec4<f32> {
  let words = randomBlock(params.seed, params.purpose, row, time, column);
  let deviates = vec4<i32>(
    normalFromWord(words.x),
    normalFromWord(words.y),
    normalFromWord(words.z),
    normalFromWord(words.w),
  );
  return vec4<f32>(deviates) / f32(1u << NORMAL_FRACTION_BITS);
}
