import { EngineError } from '../../errors.ts';
import { shortened } from '../../spec/refusal.ts';
import type { Span } from './syntax.ts';

/** Path of the user's text in a spec. */
export const EXPRESSION_PATH = 'rule.expression';

/** Where an offset lies in a text, both counted from 1. */
export function placeIn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/**
 * The error for a rule that is not acceptable, with the user's own line and column.
 *
 * @param problem what is wrong; the text of the span is put in front of it
 */
export function ruleRefusal(text: string, span: Span, problem: string, expected: string): EngineError {
  const { line, column } = placeIn(text, span.start);
  const value = text.slice(span.start, span.end);
  const quoted = value === '' ? 'the end' : shortened(value.replace(/\s+/g, ' '));
  const message = `${EXPRESSION_PATH}, line ${line}, column ${column}: ${quoted} ${problem}; expected ${expected}`;
  return new EngineError('invalid-spec', message, { path: EXPRESSION_PATH, value, expected });
}
