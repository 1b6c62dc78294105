import { EngineError } from '../../errors.ts';
import { powerOfTwo } from '../../numeric/elementary.ts';
import { refusal } from '../../spec/refusal.ts';
import { hasActivities } from '../recorded.ts';
import type { ExperimentSpec, RuleSpec } from '../spec.ts';
import { analyseRule, breaks, numberText } from './analyse.ts';
import { ruleWgsl } from './emit-wgsl.ts';
import { inputRanges } from './input-ranges.ts';
import { type Interval, point } from './interval.ts';
import { LARGEST_NUMBER, LEAST_NORMAL } from './operations.ts';
import { parseRule, takenNames } from './parse-rule.ts';
import { EXPRESSION_PATH, ruleRefusal } from './refuse.ts';
import type { RuleNode } from './syntax.ts';

/** Weight changes in steps are at most this: the largest f32 below 2³¹. */
export const LARGEST_QUANTUM = 2 ** 31 - 128;
/** Steps of the fixed point that a spec can ask for: 2⁻⁶⁰ … 2²⁰. */
const FINEST_STEP_BITS = 60;
const COARSEST_STEP_BITS = -20;
/** Where nothing is asked for, the step is no coarser than 2⁻¹⁶, even if bounds are wide. */
const COARSEST_DEFAULT_BITS = 16;

/** A user's rule, ready to run. */
export interface RulePlan {
  readonly tree: RuleNode;
  /** Values in the order that the tree refers to. */
  readonly parameters: Float32Array;
  /** WGSL of the function `ruleValue`; depends on the expression and the names of the parameters alone. */
  readonly wgsl: string;
  /** Weight changes are rounded to multiples of 2^−`fractionBits`. */
  readonly fractionBits: number;
}

/**
 * Compiles and checks the rule of a spec.
 *
 * @throws EngineError `invalid-spec` for a rule that is malformed, with line and column, or sure to fail; for parameters
 * that it does not name; for a step that is too fine
 */
export function planRule(rule: RuleSpec, spec: ExperimentSpec): RulePlan {
  const names = Object.keys(rule.parameters);
  const { tree, wgsl } = compiled(rule.expression, names);
  if (!hasActivities(spec)) refuseActivities(tree, rule.expression);
  const parameters = Float32Array.from(names, (name) => {
    const value = rule.parameters[name]!;
    if (value === 0 || Math.abs(value) >= LEAST_NORMAL) return value;
    throw refusal(`rule.parameters.${name}`, value, 'a number of magnitude at least 2^-126, or 0');
  });
  const asked = rule.step === undefined ? undefined : bitsOf(rule.step);
  const largest = largestWeightChange({ tree, text: rule.expression, parameters, step: rule.step }, spec);
  return { tree, wgsl, parameters, fractionBits: asked ?? finestFor(largest) };
}

/** What was compiled last: the points of a sweep differ in numbers, not in their expression. */
let last: { readonly key: string; readonly tree: RuleNode; readonly wgsl: string } | undefined;

function compiled(expression: string, names: readonly string[]) {
  const key = JSON.stringify([expression, names]);
  if (last?.key === key) return last;
  for (const name of names) {
    const path = `rule.parameters.${name}`;
    if (!/^[A-Za-z]\w*$/.test(name)) throw refusal(path, name, 'a name: a letter, then letters, digits and _');
    if (takenNames.includes(name)) throw refusal(path, name, `a name that a rule has no meaning for: not ${name}`);
  }
  const tree = parseRule(expression, names);
  const unused = names.find((_, index) => !usesParameter(tree, index));
  if (unused !== undefined) {
    throw refusal(`rule.parameters.${unused}`, unused, `a parameter that ${EXPRESSION_PATH} names`);
  }
  last = { key, tree, wgsl: ruleWgsl(tree) };
  return last;
}

function usesParameter(node: RuleNode, index: number): boolean {
  if (node.kind === 'parameter') return node.index === index;
  return partsOf(node).some((part) => usesParameter(part, index));
}

/** Refuses what recorded spikes without table drives cannot tell. */
function refuseActivities(node: RuleNode, text: string): void {
  if (node.kind === 'variable' && node.name !== 'd' && node.name !== 't') {
    const expected = 'd, t or a parameter, or table drives beside the spikes';
    throw ruleRefusal(text, node.span, 'is not known of recorded spikes', expected);
  }
  for (const part of partsOf(node)) refuseActivities(part, text);
}

function partsOf(node: RuleNode): readonly RuleNode[] {
  if (node.kind === 'operation') return node.operands;
  return node.kind === 'choice' ? [node.condition, node.yes, node.no] : [];
}

/** Bound on the weight changes at all distances; refuses a step that cannot hold them. */
function largestWeightChange(
  rule: {
    readonly tree: RuleNode;
    readonly text: string;
    readonly parameters: Float32Array;
    readonly step?: number | undefined;
  },
  spec: ExperimentSpec,
): number {
  const ranges = inputRanges(spec);
  const most = rule.step === undefined ? LARGEST_NUMBER : LARGEST_QUANTUM * rule.step;
  let largest = 0;
  for (let d = -spec.pairing.window; d <= spec.pairing.window; d++) {
    if (d === 0 && spec.pairing.coincidence === 'skip') continue;
    const range = analyseRule(rule.tree, rule.text, rule.parameters, { ...ranges, d: point(d) });
    if (breaks(range, { atLeast: -most, atMost: most }, range.exact)) throw overflow(rule.step ?? 1, d, range);
    largest = Math.max(largest, Math.abs(range.low), Math.abs(range.high));
  }
  return largest;
}

/** The finest step in which weight changes up to a bound fit 31 bits. A bound may be far from what occurs. */
function finestFor(largest: number): number {
  let bits = FINEST_STEP_BITS;
  // A thousandth more, for the rounding of f32.
  while (bits > COARSEST_DEFAULT_BITS && largest * 1.001 * powerOfTwo(bits) > LARGEST_QUANTUM) bits--;
  return bits;
}

function bitsOf(step: number): number {
  const bits = -Math.round(Math.log2(step));
  const nearest = Math.min(Math.max(bits, COARSEST_STEP_BITS), FINEST_STEP_BITS);
  if (powerOfTwo(-nearest) === step) return bits;
  const example = `${powerOfTwo(-nearest)} = 2^${-nearest}`;
  throw refusal(
    'rule.step',
    step,
    `a power of two from 2^-${FINEST_STEP_BITS} to 2^${-COARSEST_STEP_BITS}, as ${example}`,
  );
}

function overflow(step: number, d: number, { low, high }: Interval): EngineError {
  const bounds = low === high ? `is ${numberText(low)}` : `is from ${numberText(low)} to ${numberText(high)}`;
  const expected = `a coarser step: 2^31 steps of ${numberText(step)} hold ±${numberText(step * 2 ** 31)}`;
  const message = `rule.step: ${numberText(step)} is not allowed, as the weight change at d = ${d} ${bounds}; expected ${expected}`;
  return new EngineError('invalid-spec', message, { path: 'rule.step', value: step, expected });
}
