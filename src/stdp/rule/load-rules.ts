import { EngineError } from '../../errors.ts';

/** What compiles and evaluates users' rules. */
type Rules = typeof import('./rules.ts');

let loaded: Rules | undefined;

/**
 * Loads what compiles and evaluates users' rules: a quarter of the engine, which most pages do without. To be awaited
 * once before a spec with a `rule` is parsed.
 *
 * @example
 * await loadRules();
 * const spec = parseSpec({ rule: { expression: 'exp(-abs(d) / tau)', parameters: { tau: 10 } } });
 */
export async function loadRules(): Promise<void> {
  loaded ??= await import('./rules.ts');
}

/** @throws EngineError `unavailable` before {@link loadRules} */
export function loadedRules(): Rules {
  if (loaded) return loaded;
  const expected = 'await loadRules() before a spec with a rule is parsed';
  throw new EngineError('unavailable', `rule: what compiles rules is not loaded; ${expected}`, {
    path: 'rule',
    expected,
  });
}
