import { type Guard, LARGEST_NUMBER } from './operations.ts';
import type { OperationNode, RuleNode, Variable } from './syntax.ts';

/** What a rule is evaluated at; f32 numbers. */
export type RuleInputs = Record<Variable, number>;

/** The part of a rule that had no finite result, and what it broke; no guard where its result was too large. */
export interface RuleFault {
  readonly node: OperationNode;
  readonly guard: Guard | undefined;
  /** The quantity that the guard bounds, or the result. */
  readonly seen: number;
}

/** A rule ready to be evaluated in float32. */
export interface RuleEvaluator {
  /** The weight change; NaN where a part of the rule has no finite result. */
  valueAt(inputs: RuleInputs): number;
  /** What was wrong in the last call of `valueAt`; `undefined` where nothing was. */
  readonly fault: RuleFault | undefined;
}

/**
 * A rule as a function: each operation is computed in float64 and rounded to float32, which WGSL allows as a result of
 * its own. Guards are those of the kernel.
 *
 * @param parameters in the order that the tree refers to
 */
export function ruleEvaluator(rule: RuleNode, parameters: Float32Array): RuleEvaluator {
  const state: { inputs: RuleInputs; fault: RuleFault | undefined } = { inputs: noInputs, fault: undefined };
  const run = compile(rule);
  return {
    valueAt(inputs) {
      state.inputs = inputs;
      state.fault = undefined;
      const value = run();
      return state.fault === undefined ? value : Number.NaN;
    },
    get fault() {
      return state.fault;
    },
  };

  function compile(node: RuleNode): () => number {
    switch (node.kind) {
      case 'literal':
        return () => node.value;
      case 'variable':
        return () => state.inputs[node.name];
      case 'parameter': {
        const value = parameters[node.index]!;
        return () => value;
      }
      case 'choice': {
        const condition = compile(node.condition);
        const yes = compile(node.yes);
        const no = compile(node.no);
        return () => (condition() === 1 ? yes() : no());
      }
      case 'operation':
        return compileOperation(node);
    }
  }

  function compileOperation(node: OperationNode): () => number {
    const { operation } = node;
    const { evaluate } = operation;
    const [first, second, third] = node.operands.map(compile);
    const finish = (value: number, ...operands: number[]) => checked(node, Math.fround(value), operands);
    const isPlain = operation.guards.length === 0 && !operation.grows;
    if (third) {
      return () => {
        const [x, y, z] = [first!(), second!(), third()];
        return finish(evaluate(x, y, z), x, y, z);
      };
    }
    if (second) {
      return () => {
        const x = first!();
        const y = second();
        return isPlain ? Math.fround(evaluate(x, y)) : finish(evaluate(x, y), x, y);
      };
    }
    return () => {
      const x = first!();
      return isPlain ? Math.fround(evaluate(x)) : finish(evaluate(x), x);
    };
  }

  function checked(node: OperationNode, value: number, operands: readonly number[]): number {
    if (state.fault !== undefined) return value;
    for (const guard of node.operation.guards) {
      const seen = guard.evaluate(...operands);
      if (seen >= (guard.atLeast ?? Number.NEGATIVE_INFINITY) && seen <= (guard.atMost ?? Number.POSITIVE_INFINITY))
        continue;
      state.fault = { node, guard, seen };
      return value;
    }
    if (node.operation.grows && !(Math.abs(value) <= LARGEST_NUMBER))
      state.fault = { node, guard: undefined, seen: value };
    return value;
  }
}

const noInputs: RuleInputs = { d: 0, ds_post: 0, rho_pre: 0, rho_post: 0, t: 0 };
