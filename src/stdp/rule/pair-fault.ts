import { EngineError } from '../../errors.ts';
import { powerOfTwo } from '../../numeric/elementary.ts';
import { integrateLeaky } from '../drive.ts';
import type { ExperimentPlan } from '../plan.ts';
import { numberText } from './analyse.ts';
import { type RuleInputs, ruleEvaluator } from './evaluate.ts';
import type { RulePlan } from './plan-rule.ts';
import { EXPRESSION_PATH, ruleRefusal } from './refuse.ts';
import { variableNames } from './syntax.ts';
import { ruleInputs } from './tally-rule.ts';

/**
 * The error for a pair that the user's rule has no weight change for: which part of the rule, with its line and column,
 * and what the pair was.
 */
export function pairFault(rule: RulePlan, plan: ExperimentPlan, sequence: number, inputs: RuleInputs): EngineError {
  const { expression, parameters } = plan.spec.rule!;
  const values = [
    ...variableNames.map((name) => `${name} = ${numberText(inputs[name])}`),
    ...Object.entries(parameters).map(([name, value]) => `${name} = ${numberText(value)}`),
  ];
  const where = `in sequence ${sequence} at ${values.join(', ')}`;
  const evaluator = ruleEvaluator(rule.tree, rule.parameters);
  const value = evaluator.valueAt(inputs);
  const { fault } = evaluator;
  if (fault) {
    const { danger, name } = fault.guard ?? { danger: 'can be larger than 2^60', name: 'value' };
    const expected = 'a number for every pair; max, min, clamp or select keep an operand in its domain';
    return ruleRefusal(expression, fault.node.span, `${danger} (${name} ${numberText(fault.seen)} ${where})`, expected);
  }
  const step = powerOfTwo(-rule.fractionBits);
  const limits = `2^31 steps of ${numberText(step)} = 2^${-rule.fractionBits} hold ±${numberText(step * 2 ** 31)}`;
  const expected = `a smaller weight change, or a coarser rule.step: ${limits}`;
  const message = `${EXPRESSION_PATH}: gives ${numberText(value)} ${where}; expected ${expected}`;
  return new EngineError('invalid-spec', message, { path: EXPRESSION_PATH, value, expected });
}

/** The same for a pair that a kernel found, from its address; its inputs are computed again. */
export function pairFaultAt(
  rule: RulePlan,
  plan: ExperimentPlan,
  { sequence, t, d }: { readonly sequence: number; readonly t: number; readonly d: number },
): EngineError {
  const { seed, steps } = plan.spec;
  const preStates = integrateLeaky(plan.pre, 'pre', seed, sequence, steps);
  const postStates = integrateLeaky(plan.post, 'post', seed, sequence, steps);
  return pairFault(rule, plan, sequence, { ...ruleInputs(plan, preStates, postStates, t, t), d });
}
