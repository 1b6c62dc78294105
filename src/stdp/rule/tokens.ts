import { ruleRefusal } from './refuse.ts';
import type { Span } from './syntax.ts';

export interface Token extends Span {
  readonly kind: 'number' | 'name' | 'symbol' | 'end';
  /** As the user wrote it. */
  readonly text: string;
}

const SPACE = /\s+|\/\/[^\n\r]*/y;
const NAME = /[A-Za-z_]\w*/y;
/** With whatever letters and digits follow it, so that they are part of what is refused. */
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*/y;
/** Longest first. */
const SYMBOL = /<=|>=|==|!=|&&|\|\||[-+*/%(),<>!]/y;
/** What WGSL has and a rule has not, and what other languages have, longest first. */
const FOREIGN = /<<=?|>>=?|\+\+|--|\*\*|->|[-+*/%&|^]=|[^\s\w]/y;

const remedies: Readonly<Record<string, string>> = {
  '=': '== to compare; a rule is one expression and assigns nothing',
  ';': 'one expression without statements',
  '{': 'one expression without statements',
  '}': 'one expression without statements',
  '[': 'one expression; a rule reaches into no array or buffer',
  ']': 'one expression; a rule reaches into no array or buffer',
  '.': 'one of the names of the rule; nothing has members',
  '@': 'one expression without attributes',
  '&': '&& between conditions',
  '|': '|| between conditions',
  '^': 'pow(x, y) for a power',
  '**': 'pow(x, y) for a power',
  '?': 'select(otherwise, then, condition)',
  ':': 'select(otherwise, then, condition)',
  '--': '- (-x) with a space or parentheses',
};

/**
 * Cuts a rule into tokens; comments are left out.
 *
 * @throws EngineError `invalid-spec` for what is no token of the rule language
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      at = endOfComment(text, at);
      continue;
    }
    const space = take(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const foreign = take(FOREIGN);
    const symbol = take(SYMBOL);
    const found = take(NUMBER) ?? take(NAME) ?? symbol;
    if (found === undefined || (symbol !== undefined && foreign !== undefined && foreign.length > symbol.length)) {
      throw foreignRefusal(text, at, foreign ?? text.slice(at, at + 1));
    }
    const kind = symbol !== undefined ? 'symbol' : /^[\d.]/.test(found) ? 'number' : 'name';
    tokens.push({ kind, text: found, start: at, end: at + found.length });
    at += found.length;
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return tokens;
}

function foreignRefusal(text: string, start: number, found: string) {
  const assigns = /^[^=]{1,2}=$/.test(found);
  const expected =
    remedies[assigns ? '=' : found] ?? 'numbers, names, ( ) , and the operators + - * / % < <= > >= == != && || !';
  return ruleRefusal(text, { start, end: start + found.length }, 'is not part of the rule language', expected);
}

/** Block comments nest in WGSL. */
function endOfComment(text: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  throw ruleRefusal(text, { start, end: start + 2 }, 'begins a comment that does not end', '*/ at its end');
}
