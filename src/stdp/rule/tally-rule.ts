import { powerOfTwo } from '../../numeric/elementary.ts';
import { type ExperimentPlan, RHO_FRACTION_BITS } from '../plan.ts';
import { rhoOf } from '../rho.ts';
import type { Region } from '../tallies.ts';
import { type RuleInputs, ruleEvaluator } from './evaluate.ts';
import { roundToEven } from './functions.ts';
import { pairFault } from './pair-fault.ts';
import { LARGEST_QUANTUM, type RulePlan } from './plan-rule.ts';
import { emptyRuleTallies, type RuleTallies } from './rule-tallies.ts';

/** What was counted of a region, and the activities behind it; units 2^−F of each neuron. */
export interface CountedRegion {
  readonly region: Region;
  /** Shape [sequences][steps + 1]. */
  readonly preStates: Int32Array;
  readonly postStates: Int32Array;
  /** Shape [sequences][recorded steps][bins]. */
  readonly histogram: Uint32Array;
}

/**
 * Sums the weight changes of the user's rule over counted pairs: what a rule is told is the same in every trial, so it
 * is evaluated once for each sequence, step and distance that has pairs. Twin of `shaders/stdp/rule/`.
 *
 * @throws EngineError `invalid-spec` where the rule has no finite result for a pair, or one that the step does not hold
 */
export function tallyRule(rule: RulePlan, plan: ExperimentPlan, counted: CountedRegion): RuleTallies {
  const { bins, spec } = plan;
  const { window } = spec.pairing;
  const { sequences, steps, firstStep } = counted.region;
  const tallies = emptyRuleTallies(sequences, steps, bins);
  const { valueAt } = ruleEvaluator(rule.tree, rule.parameters);
  for (let n = 0; n < sequences; n++) {
    for (let index = 0; index < steps; index++) {
      const cell = n * steps + index;
      const state = n * (spec.steps + 1) + firstStep + index;
      let inputs: RuleInputs | undefined;
      for (let bin = 0; bin <= 2 * window; bin++) {
        const count = counted.histogram[cell * bins + bin]!;
        if (count === 0 || !countsPairs(bin, plan)) continue;
        inputs ??= ruleInputs(plan, counted.preStates, counted.postStates, state, firstStep + index);
        inputs.d = bin - window;
        const quantum = quantumOf(valueAt(inputs), rule.fractionBits);
        if (Number.isNaN(quantum)) throw pairFault(rule, plan, counted.region.firstSequence + n, inputs);
        const sum = BigInt(count) * BigInt(quantum);
        tallies.binSums[n * bins + bin]! += sum;
        tallies.cellSums[cell]! += sum;
      }
    }
  }
  return tallies;
}

/** Whether a bin up to 2D counts pairs: bin D may count presynaptic spikes that make none. */
function countsPairs(bin: number, { spec, spikeBin }: ExperimentPlan): boolean {
  return spikeBin !== undefined || bin !== spec.pairing.window;
}

/**
 * What a rule is told at one step, d left at 0.
 *
 * @param state index of the step in the activities
 */
export function ruleInputs(
  { pre, post }: ExperimentPlan,
  preStates: Int32Array,
  postStates: Int32Array,
  state: number,
  t: number,
): RuleInputs {
  const rho = powerOfTwo(-RHO_FRACTION_BITS);
  return {
    d: 0,
    ds_post: Math.fround(postStates[state + 1]! - postStates[state]!) * powerOfTwo(-post.fractionBits),
    rho_pre: Math.fround(rhoOf(preStates[state]!, pre)) * rho,
    rho_post: Math.fround(rhoOf(postStates[state]!, post)) * rho,
    t,
  };
}

/** A weight change in units of 2^−bits, halves to even; NaN where it is none, or beyond 31 bits. */
function quantumOf(value: number, bits: number): number {
  const scaled = Math.fround(value * powerOfTwo(bits));
  if (!(Math.abs(scaled) <= LARGEST_QUANTUM)) return Number.NaN;
  return roundToEven(scaled);
}
