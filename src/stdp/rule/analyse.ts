import type { EngineError } from '../../errors.ts';
import { clipped, hull, type Interval, isPoint, point } from './interval.ts';
import { type Guard, LARGEST_NUMBER } from './operations.ts';
import { ruleRefusal } from './refuse.ts';
import { type OperationNode, type RuleNode, type Variable, variableNames } from './syntax.ts';

/** What is known of a value: bounds, and whether everything between them occurs. */
export interface Known extends Interval {
  /** Variables that it depends on, one bit each. */
  readonly depends: number;
  /** All values between the bounds occur: each variable is in it once, and nothing jumps. */
  readonly exact: boolean;
}

/** Bounds on the variables at the pairs of one distance. */
export type InputRanges = Readonly<Record<Variable, Interval>>;

/**
 * Bounds on the weight changes of a rule by interval arithmetic.
 *
 * Refuses what is sure to fail: a division, root or logarithm that leaves its domain for all operands within their bounds,
 * or for some where every value between the bounds occurs. What the bounds leave open is checked for each pair by
 * whoever evaluates the rule.
 *
 * @param text the user's, for errors
 * @throws EngineError `invalid-spec` with line and column
 */
export function analyseRule(rule: RuleNode, text: string, parameters: Float32Array, inputs: InputRanges): Known {
  return new Analysis(text, parameters, inputs).rangeOf(rule, true);
}

class Analysis {
  readonly #text: string;
  readonly #parameters: Float32Array;
  readonly #inputs: InputRanges;

  constructor(text: string, parameters: Float32Array, inputs: InputRanges) {
    this.#text = text;
    this.#parameters = parameters;
    this.#inputs = inputs;
  }

  /** @param sure the node is evaluated for every pair: no condition leads around it */
  rangeOf(node: RuleNode, sure: boolean): Known {
    switch (node.kind) {
      case 'literal':
        return constant(node.value);
      case 'parameter':
        return constant(this.#parameters[node.index]!);
      case 'variable': {
        const range = this.#inputs[node.name];
        // Steps are whole numbers: not everything between two of them occurs.
        return { ...range, depends: 1 << variableNames.indexOf(node.name), exact: node.name !== 't' || isPoint(range) };
      }
      case 'choice': {
        const condition = this.rangeOf(node.condition, sure);
        if (isPoint(condition)) return this.rangeOf(condition.low === 1 ? node.yes : node.no, sure);
        const yes = this.rangeOf(node.yes, false);
        const no = this.rangeOf(node.no, false);
        return { ...hull(yes, no), depends: condition.depends | yes.depends | no.depends, exact: false };
      }
      case 'operation':
        return this.#rangeOfOperation(node, sure);
    }
  }

  #rangeOfOperation(node: OperationNode, sure: boolean): Known {
    const { operation } = node;
    const operands = node.operands.map((operand) => this.rangeOf(operand, sure));
    let depends = 0;
    let separate = true;
    for (const operand of operands) {
      if (isPoint(operand)) continue;
      separate &&= (depends & operand.depends) === 0 && operand.exact;
      depends |= operand.depends;
    }
    for (const guard of operation.guards) {
      const range = guard.range(...operands);
      if (sure && breaks(range, guard, separate)) throw this.#refusal(node, guard, range);
    }
    const range = operation.range(...operands);
    const largest = {
      atLeast: -LARGEST_NUMBER,
      atMost: LARGEST_NUMBER,
      danger: 'can be larger than 2^60',
      name: 'value',
    };
    if (operation.grows && sure && breaks(range, largest, separate)) throw this.#refusal(node, largest, range);
    const exact = (separate && !operation.jumps) || isPoint(range);
    return { ...clipped(range, -LARGEST_NUMBER, LARGEST_NUMBER), depends, exact };
  }

  #refusal(node: OperationNode, { danger, name }: Pick<Guard, 'danger' | 'name'>, range: Interval): EngineError {
    const { d } = this.#inputs;
    const where = isPoint(range)
      ? `${name} ${numberText(range.low)}`
      : `${name} from ${numberText(range.low)} to ${numberText(range.high)}`;
    return ruleRefusal(
      this.#text,
      node.span,
      `${danger} (at d = ${numberText(d.low)}: ${where})`,
      'a number for every pair; max, min, clamp or select keep an operand in its domain',
    );
  }
}

function constant(value: number): Known {
  return { ...point(value), depends: 0, exact: true };
}

/** Whether a bound is broken for sure: by all values of a range, or by some of a range whose every value occurs. */
export function breaks(
  range: Interval,
  { atLeast, atMost }: Pick<Guard, 'atLeast' | 'atMost'>,
  exact: boolean,
): boolean {
  const least = atLeast ?? Number.NEGATIVE_INFINITY;
  const most = atMost ?? Number.POSITIVE_INFINITY;
  return exact ? range.low < least || range.high > most : range.high < least || range.low > most;
}

/** A number for a message: few digits, no more than it has. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(4)));
}
