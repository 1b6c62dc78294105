import { afterAll, beforeAll, describe, it } from 'vitest';
import { loadDawn } from '../src/cli/machine/dawn.ts';
import { type CaseRunner, gpuCases, openCaseRunner } from './gpu/cases.ts';

let runner: CaseRunner;

// Without an adapter this fails, and with it every case: a suite that skips would hide what it is for.
beforeAll(async () => {
  const { gpu } = await loadDawn();
  runner = await openCaseRunner(gpu);
});

afterAll(() => {
  runner?.close();
});

describe('in Node, on Dawn', () => {
  for (const { name } of gpuCases) it(name, () => runner.run(name));
});
