/** An experiment of a few milliseconds for rules to be evaluated in. */
export const ruleSpec = {
  sequences: 5,
  steps: 61,
  trials: 40,
  pairing: { window: 12 },
  pre: { peak: 0.3 },
  post: { peak: 0.2 },
};

/** Rules that between them use every operator and function. */
export const goodRules: readonly { readonly expression: string; readonly parameters?: Record<string, number> }[] = [
  {
    expression: 'select(-a, a, d > 0.0) * exp(-abs(d) / tau) * (1.0 + ds_post * rho_pre) + rho_post * t',
    parameters: { a: 0.7, tau: 16.8 },
  },
  { expression: '-d + 2 * 3.5f - .25 / 1e-1 % 0.7 - (-ds_post)' },
  { expression: '(d + 0.5) % 3.0 + (t + 0.25) % 7.5 - 100.5 % (d * 0.3)' },
  { expression: 'min(d, 3.0) + max(ds_post, rho_pre) * clamp(t, 14.0, 20.0) + sign(d) * sign(ds_post)' },
  { expression: 'floor(d * 0.25) + ceil(d * 0.125) + round(d * 0.5) + trunc(d * 0.25) + fract(d * 0.125)' },
  { expression: 'step(3.0, d) + smoothstep(-5.0, 5.0, d) + mix(d, t, rho_pre) + fma(d, ds_post, rho_post)' },
  { expression: 'exp(ds_post) + exp2(d / 4.0) + log(rho_pre) + log2(1.0 + rho_post)' },
  { expression: 'sqrt(rho_post) + inverseSqrt(t) + pow(rho_post, 2.0) + pow(rho_pre, -0.5)' },
  { expression: 'sin(d / 4.0) + cos(ds_post) + tanh(d / 3.0) + tanh(50.0 * d)' },
  {
    expression:
      'select(1.0, 2.0, d < 3.0) + select(1.0, 2.0, d <= 3.0) * 3.0 + select(0.0, 7.0, d >= -2.0) + select(1.5, 0.5, d == 4.0) + select(8.0, 9.0, d != 5.0) + select(0.0, 16.0, !(d > 1.0))',
  },
  {
    expression:
      'select(0.0, 1.0 / ds_post, (abs(ds_post) > 0.001 && rho_post > 0.1) || (d > 5.0 && true && abs(ds_post) > 0.01) || false)',
  },
  {
    expression: '/* nested /* comment */ */ // and another\n\tselect(select(d, t, d > 2.0), -d, rho_post < 0.4) // end',
  },
];

/** Expression, line and column of the refusal, what it says, and the rest of the rule. */
export const malformedRules: readonly (readonly [string, number, number, string, object?])[] = [
  ['', 1, 1, 'expected a number, a name or ('],
  ['d +', 1, 4, 'the end does not belong here'],
  ['(d + 1.0', 1, 9, 'expected ) to close'],
  ['d 2.0', 1, 3, '"2.0" does not belong here'],
  ['1.0 +\n  * d', 2, 3, '"*" does not belong here'],
  ['exp(-d / tua)', 1, 10, 'did you mean tau?', { parameters: { tau: 2 } }],
  ['rho_per * d', 1, 1, 'did you mean rho_pre?'],
  ['exq(d)', 1, 1, 'did you mean exp?'],
  ['histogram[0] * d', 1, 10, 'reaches into no array or buffer'],
  ['d + params.window', 1, 11, 'nothing has members'],
  ['quanta = d', 1, 8, 'assigns nothing'],
  ['d += 1.0', 1, 3, 'assigns nothing'],
  ['d; cellSums', 1, 2, 'without statements'],
  ['d }\n@compute fn main() {', 1, 3, 'without statements'],
  ['atomicAdd(d, 1.0)', 1, 1, 'is no function here'],
  ['firstParameter', 1, 1, 'is not a name here'],
  ['d(2.0)', 1, 1, 'is a number, not a function'],
  ['exp + d', 1, 1, 'is a function'],
  ['d > 1.0', 1, 1, 'is true or false'],
  ['1.0 + (d > 1.0)', 1, 7, 'is true or false'],
  ['select(1.0, 2.0, d)', 1, 18, 'is a number'],
  ['select(1.0, d > 0.0, d > 1.0)', 1, 13, 'is true or false'],
  ['!d', 1, 2, 'is a number'],
  ['pow(d)', 1, 1, '1 argument'],
  ['d > 0.0 && t > 1.0 || true', 1, 20, 'parentheses between && and ||'],
  ['select(0.0, 1.0, 0.0 < d < 2.0)', 1, 26, '&& between two comparisons'],
  ['d ** 2.0', 1, 3, 'pow(x, y)'],
  ['d > 0.0 ? 1.0 : 2.0', 1, 9, 'select(otherwise, then, condition)'],
  ['1 / 2 * d', 1, 1, 'divides integers'],
  ['1.5h * d', 1, 1, 'no number of the rule language'],
  ['0x1p3 * d', 1, 1, 'no number of the rule language'],
  ['1e30 * d', 1, 1, 'out of range'],
  ['d /* 1.0', 1, 3, 'comment that does not end'],
  ['+d', 1, 1, 'is no sign in WGSL'],
  ['ρ * d', 1, 1, 'is not part of the rule language'],
  ['1.0 / 0.0', 1, 1, 'can divide by 0'],
  ['1.0 / (d - d)', 1, 1, 'can divide by 0'],
  ['1.0 / (d - 3.0)', 1, 1, 'at d = 3: divisor 0'],
  ['d +\n\n 1.0 / ds_post', 3, 2, 'can divide by 0'],
  ['d % rho_post', 1, 1, 'can divide by 0'],
  ['log(rho_post)', 1, 1, 'logarithm'],
  ['sqrt(d)', 1, 1, 'root of a negative number (at d = -12: argument -12)'],
  ['pow(d, 2.0)', 1, 1, 'raise a negative number'],
  ['exp(100.0)', 1, 1, 'larger than 2^60'],
  ['1e18 * d * d', 1, 1, 'larger than 2^60'],
];
