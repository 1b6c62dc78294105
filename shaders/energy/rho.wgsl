// ρ, its slope, and the states that are allowed: twin of src/energy/nonlinearity.ts. Needs `phase: PhaseParams`, whose
// rhoOffset and rhoSlope are β1, or midpoint and slope.

#if HARD_SIGMOID
fn rho(s: vec4<f32>) -> vec4<f32> {
  return clamp(s - phase.rhoOffset, vec4<f32>(), vec4<f32>(1.0));
}

fn rhoSlopeAt(s: vec4<f32>) -> vec4<f32> {
  let inside = (s >= vec4<f32>(phase.rhoOffset)) & (s <= vec4<f32>(phase.rhoOffset + 1.0));
  return select(vec4<f32>(), vec4<f32>(1.0), inside);
}

fn bounded(s: vec4<f32>) -> vec4<f32> {
  return s;
}
#elif LOGISTIC
fn rho(s: vec4<f32>) -> vec4<f32> {
  return 1.0 / (1.0 + exp(-phase.rhoSlope * (s - phase.rhoOffset)));
}

fn rhoSlopeAt(s: vec4<f32>) -> vec4<f32> {
  let rate = rho(s);
  return phase.rhoSlope * rate * (1.0 - rate);
}

fn bounded(s: vec4<f32>) -> vec4<f32> {
  return s;
}
#else
fn rho(s: vec4<f32>) -> vec4<f32> {
  return clamp(s, vec4<f32>(), vec4<f32>(1.0));
}

fn rhoSlopeAt(s: vec4<f32>) -> vec4<f32> {
  return select(vec4<f32>(), vec4<f32>(1.0), (s >= vec4<f32>()) & (s <= vec4<f32>(1.0)));
}

fn bounded(s: vec4<f32>) -> vec4<f32> {
  return clamp(s, vec4<f32>(), vec4<f32>(1.0));
}
#endif
