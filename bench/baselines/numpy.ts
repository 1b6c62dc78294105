import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { EngineError } from '../../src/errors.ts';
import { expectedCurve } from '../../src/stdp/closed-form.ts';
import type { ExperimentPlan } from '../../src/stdp/plan.ts';
import type { Rates } from '../../src/stdp/tallies.ts';
import { checkPairs } from '../check-pairs.ts';
import { type Workload, WorstVerdict } from '../workload.ts';
import script from './spike_lists.py?raw';

/** The numpy script on this machine's python3, which is given the script and the rates and then waits for requests. */
export interface NumpyWorkload extends Workload {
  /** As in `numpy 2.4.6, Python 3.12.3`. */
  readonly versions: string;
}

/**
 * Starts the numpy baseline. For Node.
 *
 * @param rates of all sequences of the plan.
 * @throws EngineError `unavailable` where there is no python3 with numpy.
 */
export async function numpyWorkload(name: string, plan: ExperimentPlan, rates: Rates): Promise<NumpyWorkload> {
  const { spec, firstPaired, pairedSteps } = plan;
  const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  child.on('error', (error) => {
    complaint += error.message;
  });
  // A child that ends early takes no more input; that it ended is seen where an answer is missing.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value) as T;
    const reason = complaint.trim().split('\n').at(-1) || 'it ended without a word';
    throw new EngineError('unavailable', `python3 with numpy does not run here: ${reason}`);
  };
  const { sequences, steps, trials, seed, pairing } = spec;
  const job = { sequences, steps, trials, seed, window: pairing.window };
  child.stdin.write(`${JSON.stringify({ ...job, first_paired: firstPaired, paired_steps: pairedSteps })}\n`);
  child.stdin.write(new Uint8Array(rates.preProbabilities.slice().buffer));
  child.stdin.write(new Uint8Array(rates.postProbabilities.slice().buffer));
  const { numpy, python } = await answer<{ numpy: string; python: string }>();

  const expected = expectedCurve([rates], plan, trials).pairs;
  const worst = new WorstVerdict();
  return {
    name,
    versions: `numpy ${numpy}, Python ${python}`,
    async run(repeats) {
      child.stdin.write(`${repeats}\n`);
      const { seconds, pairs } = await answer<{ seconds: number; pairs: number[] }>();
      const all = expected.map((mean) => mean * repeats);
      worst.add(checkPairs(pairs, all, Math.max(spec.pre.peak, spec.post.peak)));
      return { wall: seconds };
    },
    verify: async () => worst.verdict,
    close: () => child.stdin.end(),
  };
}
