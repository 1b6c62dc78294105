import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('every WebAssembly module belongs to its sources', () => {
  const compile = () => execFileSync(process.execPath, ['compile-assembly.js', '--check'], { stdio: 'pipe' });
  expect(compile).not.toThrow();
});
