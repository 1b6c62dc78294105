import type { Operation, ValueType } from './operations.ts';

/** What a rule is told of a pair, and of the step and sequence of its presynaptic spike. */
export const variables = {
  /** Postsynaptic minus presynaptic spike time, in steps. */
  d: 'post minus pre in steps',
  /** ṡ_i(t), the change of postsynaptic activity in the step of the presynaptic spike. */
  ds_post: 'change of postsynaptic activity in this step',
  /** ρ(s_j(t)), 0 … 1. */
  rho_pre: 'presynaptic rate',
  /** ρ(s_i(t)), 0 … 1. */
  rho_post: 'postsynaptic rate',
  /** The step of the presynaptic spike, from 0. */
  t: 'step',
} as const;

export type Variable = keyof typeof variables;

export const variableNames = Object.keys(variables) as Variable[];

/** A piece of the user's text, as offsets from its start. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface NodeBase {
  readonly span: Span;
  readonly type: ValueType;
  /** Made of integer literals alone, which WGSL divides as integers. */
  readonly integer: boolean;
}

/** A literal; `true` is 1, `false` is 0. */
export interface LiteralNode extends NodeBase {
  readonly kind: 'literal';
  readonly value: number;
}

export interface VariableNode extends NodeBase {
  readonly kind: 'variable';
  readonly name: Variable;
}

export interface ParameterNode extends NodeBase {
  readonly kind: 'parameter';
  /** Place among the parameters. */
  readonly index: number;
}

export interface OperationNode extends NodeBase {
  readonly kind: 'operation';
  readonly operation: Operation;
  readonly operands: readonly RuleNode[];
}

/** `select`, `&&` and `||`: only the branch that is chosen counts. */
export interface ChoiceNode extends NodeBase {
  readonly kind: 'choice';
  readonly condition: RuleNode;
  readonly yes: RuleNode;
  readonly no: RuleNode;
}

/** A rule after parsing: names resolved, types checked. */
export type RuleNode = LiteralNode | VariableNode | ParameterNode | OperationNode | ChoiceNode;
