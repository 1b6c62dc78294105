import type { EngineError } from '../../errors.ts';
import { functions } from './functions.ts';
import { nearestName } from './names.ts';
import { LARGEST_NUMBER, LEAST_NORMAL, type Operation } from './operations.ts';
import { arithmetic, comparisons, negation, not } from './operators.ts';
import { ruleRefusal } from './refuse.ts';
import { type RuleNode, type Span, type Variable, variableNames } from './syntax.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Longest text of a rule, and the most parentheses, calls and signs in each other: shader compilers have limits too. */
const LONGEST_RULE = 4096;
const DEEPEST_NESTING = 64;

/** `select` is not among the functions, as it takes a condition and only one of its branches counts. */
const functionNames = [...Object.keys(functions), 'select'];

/** Functions that keep what they are given an integer. */
const keepsIntegers: ReadonlySet<string> = new Set(['abs', 'min', 'max', 'clamp', 'sign']);

/** Names that a rule has a meaning for, so that no parameter can have them. */
export const takenNames: readonly string[] = [...variableNames, ...functionNames, 'true', 'false'];

/**
 * Parses a rule: an expression of WGSL's f32 and bool values, made of literals, the variables, the parameters, operators
 * and functions, and of nothing else. Precedence is WGSL's; so is that `&&` and `||` do not mix without parentheses and
 * that comparisons do not chain.
 *
 * @param parameters names of the parameters, whose order the tree refers to
 * @throws EngineError `invalid-spec` with line and column for the first thing that is not acceptable
 */
export function parseRule(text: string, parameters: readonly string[]): RuleNode {
  if (text.length > LONGEST_RULE) {
    const span = { start: LONGEST_RULE, end: LONGEST_RULE + 1 };
    throw ruleRefusal(text, span, `is beyond the ${LONGEST_RULE} characters of a rule`, 'a shorter expression');
  }
  return new Parser(text, parameters).parse();
}

class Parser {
  readonly #text: string;
  readonly #parameters: readonly string[];
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string, parameters: readonly string[]) {
    this.#text = text;
    this.#parameters = parameters;
    this.#tokens = tokensOf(text);
  }

  parse(): RuleNode {
    const rule = this.#expression();
    if (this.#next.kind !== 'end') throw this.#refuse(this.#next, 'does not belong here', 'an operator or the end');
    if (rule.type === 'bool')
      throw this.#refuse(rule.span, 'is true or false', 'a number: the weight change of a pair');
    return rule;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #refuse(span: Span, problem: string, expected: string): EngineError {
    return ruleRefusal(this.#text, span, problem, expected);
  }

  #isNext(...symbols: readonly string[]): boolean {
    return this.#next.kind === 'symbol' && symbols.includes(this.#next.text);
  }

  #take(): Token {
    return this.#tokens[this.#at++]!;
  }

  #require(symbol: string, context: string): Token {
    if (!this.#isNext(symbol)) throw this.#refuse(this.#next, 'does not belong here', `${symbol} ${context}`);
    return this.#take();
  }

  #expression(): RuleNode {
    if (++this.#depth > DEEPEST_NESTING) {
      throw this.#refuse(this.#next, `is nested in more than ${DEEPEST_NESTING} others`, 'a flatter expression');
    }
    let left = this.#comparison();
    const connective = this.#isNext('&&') ? '&&' : '||';
    while (this.#isNext('&&', '||')) {
      const symbol = this.#take();
      if (symbol.text !== connective)
        throw this.#refuse(symbol, 'follows another connective', 'parentheses between && and ||');
      const right = this.#comparison();
      this.#requireType(left, 'bool');
      this.#requireType(right, 'bool');
      const both = connective === '&&' ? choice(left, right, truth(false)) : choice(left, truth(true), right);
      left = { ...both, span: joined(left, right) };
    }
    this.#depth--;
    return left;
  }

  #comparison(): RuleNode {
    const left = this.#sum();
    const symbols = Object.keys(comparisons);
    if (!this.#isNext(...symbols)) return left;
    const symbol = this.#take();
    const right = this.#sum();
    if (this.#isNext(...symbols))
      throw this.#refuse(this.#next, 'follows another comparison', '&& between two comparisons');
    return this.#operation(comparisons[symbol.text]!, [left, right]);
  }

  #sum(): RuleNode {
    let left = this.#product();
    while (this.#isNext('+', '-')) left = this.#binary(left, this.#take(), this.#product());
    return left;
  }

  #product(): RuleNode {
    let left = this.#unary();
    while (this.#isNext('*', '/', '%')) left = this.#binary(left, this.#take(), this.#unary());
    return left;
  }

  #binary(left: RuleNode, symbol: Token, right: RuleNode): RuleNode {
    const node = this.#operation(arithmetic[symbol.text]!, [left, right]);
    const integer = left.integer && right.integer;
    if (integer && (symbol.text === '/' || symbol.text === '%')) {
      throw this.#refuse(
        node.span,
        'divides integers, which WGSL rounds towards 0',
        'a number with a point, as in 1.0 / 2.0',
      );
    }
    return { ...node, integer };
  }

  #unary(): RuleNode {
    if (this.#isNext('+')) throw this.#refuse(this.#next, 'is no sign in WGSL', 'the number without it');
    if (!this.#isNext('-', '!')) return this.#primary();
    const symbol = this.#take();
    if (++this.#depth > DEEPEST_NESTING) {
      throw this.#refuse(symbol, `is nested in more than ${DEEPEST_NESTING} others`, 'a flatter expression');
    }
    const operand = this.#unary();
    this.#depth--;
    const node = this.#operation(symbol.text === '-' ? negation : not, [operand]);
    return { ...node, integer: operand.integer, span: { start: symbol.start, end: operand.span.end } };
  }

  #primary(): RuleNode {
    const token = this.#take();
    if (token.kind === 'number') return this.#number(token);
    if (token.kind === 'name') return this.#isNext('(') ? this.#call(token) : this.#name(token);
    if (token.text !== '(') throw this.#refuse(token, 'does not belong here', 'a number, a name or (');
    const inner = this.#expression();
    const end = this.#require(')', 'to close the parenthesis');
    return { ...inner, span: { start: token.start, end: end.end } };
  }

  #number(token: Token): RuleNode {
    if (!/^(?:(?:0|[1-9]\d*)f?|(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?f?|\d+[eE][+-]?\d+f?)$/.test(token.text)) {
      throw this.#refuse(token, 'is no number of the rule language', 'a decimal f32, as 2, 0.5 or 1e-3');
    }
    const value = Math.fround(Number.parseFloat(token.text));
    if (value > LARGEST_NUMBER || (value < LEAST_NORMAL && Number.parseFloat(token.text) !== 0)) {
      throw this.#refuse(token, 'is out of range', '0 or a number from 2^-126 to 2^60, about 1.2e-38 to 1.2e18');
    }
    return { kind: 'literal', value, type: 'f32', integer: /^\d+$/.test(token.text), span: spanOf(token) };
  }

  #name(token: Token): RuleNode {
    const { text } = token;
    if (text === 'true' || text === 'false') return { ...truth(text === 'true'), span: spanOf(token) };
    const known = { type: 'f32', integer: false, span: spanOf(token) } as const;
    const index = this.#parameters.indexOf(text);
    if (index >= 0) return { kind: 'parameter', index, ...known };
    if (variableNames.some((name) => name === text)) return { kind: 'variable', name: text as Variable, ...known };
    if (functionNames.includes(text)) throw this.#refuse(token, 'is a function', `its arguments, as in ${text}(…)`);
    const names = [...variableNames, ...this.#parameters];
    throw this.#refuse(token, `is not a name here${didYouMean(text, names)}`, `one of ${names.join(', ')}`);
  }

  #call(token: Token): RuleNode {
    const { text } = token;
    const operation = Object.hasOwn(functions, text) ? functions[text] : undefined;
    if (!operation && text !== 'select') {
      const isName = [...variableNames, ...this.#parameters].includes(text);
      const problem = isName ? 'is a number, not a function' : `is no function here${didYouMean(text, functionNames)}`;
      throw this.#refuse(
        token,
        problem,
        isName ? `${text} alone, or * between factors` : `one of ${functionNames.join(', ')}`,
      );
    }
    const wanted = operation?.operands.length ?? 3;
    this.#take();
    const operands: RuleNode[] = [];
    while (!this.#isNext(')')) {
      if (operands.length > 0) this.#require(',', `or ) in the arguments of ${text}`);
      operands.push(this.#expression());
    }
    const span = { start: token.start, end: this.#take().end };
    if (operands.length !== wanted) {
      const counted = wanted === 1 ? '1 argument' : `${wanted} arguments`;
      throw this.#refuse(span, `has ${operands.length} arguments`, `${counted} of ${text}`);
    }
    const integer = operands.every((operand) => operand.integer) && keepsIntegers.has(text);
    if (operation) return { ...this.#operation(operation, operands), integer, span };
    const [no, yes, condition] = operands as [RuleNode, RuleNode, RuleNode];
    this.#requireType(condition, 'bool');
    this.#requireType(yes, no.type);
    return { ...choice(condition, yes, no), type: no.type, integer: no.integer && yes.integer, span };
  }

  #operation(operation: Operation, operands: readonly RuleNode[]): RuleNode {
    operands.forEach((operand, index) => {
      this.#requireType(operand, operation.operands[index]!);
    });
    const span = joined(operands[0]!, operands.at(-1)!);
    return { kind: 'operation', operation, operands, type: operation.result, integer: false, span };
  }

  #requireType(node: RuleNode, type: RuleNode['type']): void {
    if (node.type === type) return;
    if (type === 'bool') throw this.#refuse(node.span, 'is a number', 'a condition, as x > 0.0');
    throw this.#refuse(node.span, 'is true or false', 'a number; select(0.0, 1.0, condition) makes one of a condition');
  }
}

function choice(condition: RuleNode, yes: RuleNode, no: RuleNode): RuleNode & { kind: 'choice' } {
  return { kind: 'choice', condition, yes, no, type: 'bool', integer: false, span: condition.span };
}

function truth(value: boolean): RuleNode {
  return { kind: 'literal', value: value ? 1 : 0, type: 'bool', integer: false, span: { start: 0, end: 0 } };
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

function joined(first: RuleNode, last: RuleNode): Span {
  return { start: first.span.start, end: last.span.end };
}

function didYouMean(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}
