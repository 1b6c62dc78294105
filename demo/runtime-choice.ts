import { EngineError } from '../src/errors.ts';

/** What `?runtime=` asks for; by default a hardware GPU, else the CPU. */
export type WantedRuntime = 'auto' | 'gpu' | 'cpu';

/** `gpu` or `cpu` out of `?runtime=`. @throws EngineError for anything else. */
export function wantedRuntime(query: string): WantedRuntime {
  const text = new URLSearchParams(query).get('runtime');
  if (text === null) return 'auto';
  if (text === 'gpu' || text === 'cpu') return text;
  const expected = '"gpu" or "cpu"';
  throw new EngineError('invalid-option', `runtime: ${JSON.stringify(text)} is not allowed; expected ${expected}`, {
    path: 'runtime',
    value: text,
    expected,
  });
}
