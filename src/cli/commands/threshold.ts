import type { Command } from 'commander';
import { parseThresholdSpec } from '../../stdp/threshold/parse-threshold.ts';
import { planThreshold } from '../../stdp/threshold/threshold-plan.ts';
import { thresholdResult } from '../../stdp/threshold/threshold-results.ts';
import { addTrialCommand } from '../trial-command.ts';
import { closedFormChance, writeThreshold } from '../write-trials.ts';

/** `threshold SPEC.json --out DIR`: the generative paper's Fig. 1. */
export function addThresholdCommand(program: Command): void {
  addTrialCommand(program, {
    name: 'threshold',
    description: 'when a voltage of constant slope crosses its threshold, around a presynaptic spike',
    plan: (input) => planThreshold(parseThresholdSpec(input)),
    run: (runtime, plan, options) => runtime.runThreshold(plan, options),
    write: writeThreshold,
    line(plan, sums) {
      const { chiSquare, degrees, chance } = closedFormChance(thresholdResult(plan, sums));
      return `mean ΔT of ${plan.slopes.length} slopes against the closed form: χ² = ${chiSquare.toFixed(1)} for ${degrees} degrees of freedom (chance ${chance.toPrecision(2)})`;
    },
  });
}
