import type { BaseIssue } from 'valibot';
import { EngineError } from '../errors.ts';

/** The error for a value that is not acceptable: path, value and what is `expected` in one line. */
export function refusal(path: string, value: unknown, expected: string): EngineError {
  const seen = value === undefined ? 'missing' : `${shortened(value)} is not allowed`;
  const message = `${path}: ${seen}; expected ${expected}`;
  return new EngineError('invalid-spec', message, { path, value, expected });
}

/** The error for what a schema says of an input. @param root what the input as a whole is called */
export function shapeError(issue: BaseIssue<unknown>, root: string): EngineError {
  const keys = (issue.path ?? []).map(({ key }) => key);
  const path = keys.length === 0 ? root : pathText(keys);
  if (issue.type !== 'strict_object') return refusal(path, issue.input, issue.message);
  if (issue.expected !== 'never') return refusal(path, undefined, `all of the keys ${issue.message}`);
  const expected = `allowed keys here: ${issue.message}`;
  const value = issue.path?.at(-1)?.value;
  return new EngineError('invalid-spec', `${path}: unknown key; ${expected}`, { path, value, expected });
}

/** The same error of a part of a larger whole. @param prefix path of the part */
export function within(prefix: string, error: EngineError): EngineError {
  const { code, value, expected, message } = error;
  const path = `${prefix}.${error.path}`;
  return new EngineError(code, `${prefix}.${message}`, {
    path,
    value,
    ...(expected ? { expected } : {}),
    cause: error,
  });
}

/** `pre.drive.values[3][7]`; keys that are no names are quoted, so that a path is one line whatever the keys are. */
export function pathText(keys: readonly unknown[]): string {
  let text = '';
  for (const key of keys) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (typeof key === 'string' && /^[\w$-]+$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${shortened(key)}]`;
  }
  return text;
}

/** A value as it would stand in a spec, in at most 60 characters and one line. */
export function shortened(value: unknown): string {
  const text = asJson(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

function asJson(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'an object that JSON cannot hold';
  }
}
