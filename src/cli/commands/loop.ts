import type { Command } from 'commander';
import { planLoop } from '../../stdp/closed-loop/loop-plan.ts';
import { loopResult } from '../../stdp/closed-loop/loop-results.ts';
import { parseLoopSpec } from '../../stdp/closed-loop/parse-loop.ts';
import { addTrialCommand } from '../trial-command.ts';
import { writeLoop } from '../write-trials.ts';

/** `loop SPEC.json --out DIR`: learning in the loop. */
export function addLoopCommand(program: Command): void {
  addTrialCommand(program, {
    name: 'loop',
    description: 'let the weight change what changes it: the squared rate of change with learning and without',
    plan: (input) => planLoop(parseLoopSpec(input)),
    run: (runtime, plan, options) => runtime.runLoop(plan, options),
    write: writeLoop,
    line(plan, sums) {
      const { learned, plain, difference, se } = loopResult(plan, sums).total;
      const paired = `${difference.toExponential(2)} ± ${se?.toExponential(1) ?? '–'}`;
      return `E[ṡ²] ${learned.toExponential(4)} with learning, ${plain.toExponential(4)} without: ${paired}`;
    },
  });
}
