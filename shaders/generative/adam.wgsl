// One step of Adam (Kingma & Ba 2015) for four values. Needs `struct AdamParams` and its constants.

fn adamMoved(
  value: vec4<f32>,
  gradient: vec4<f32>,
  first: ptr<function, vec4<f32>>,
  second: ptr<function, vec4<f32>>,
  rate: f32,
) -> vec4<f32> {
  *first += (1.0 - ADAM_DECAY) * (gradient - *first);
  *second += (1.0 - ADAM_SQUARE_DECAY) * (gradient * gradient - *second);
  return value - rate * adam.firstScale * *first / (sqrt(adam.secondScale * *second) + ADAM_EPSILON);
}
