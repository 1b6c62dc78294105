import * as v from 'valibot';
import { refusal, shapeError } from '../../spec/refusal.ts';
import { burnInSteps } from '../parse-spec.ts';
import { initialRange, largestEta, loopReach } from './loop-reach.ts';
import { LARGEST_LOOP_STEPS, LARGEST_RECORDS, loopSchema, type UncheckedLoopSpec } from './loop-schema.ts';
import type { LoopSpec } from './loop-spec.ts';

/** Without bounds |W| must stay below this: more would leave s with fewer than 16 fraction bits. */
const LARGEST_UNBOUNDED_WEIGHT = 2 ** 13;
/** Bins reach so far on either side of the initial weight where neither the spec nor bounds say otherwise. */
const DEFAULT_SPREAD = 2;

/**
 * Checks the spec of a closed loop and fills in its defaults.
 *
 * @throws EngineError `invalid-spec` for the first thing that is not acceptable, with its path (`loop.eta`), the value
 * there and what is allowed.
 * @example parseLoopSpec({ loop: { eta: 0.02, bounds: { type: 'soft', low: 0, high: 1 } } })
 */
export function parseLoopSpec(input: unknown): LoopSpec {
  const result = v.safeParse(loopSchema, input, { abortEarly: true });
  if (!result.success) throw shapeError(result.issues[0], 'spec');
  const unchecked = result.output;
  checkSteps(unchecked);
  checkNeurons(unchecked);
  checkWeights(unchecked);
  const spec = withBins(unchecked);
  checkReach(spec);
  return spec;
}

function checkSteps({ steps, record }: UncheckedLoopSpec): void {
  if (steps > LARGEST_LOOP_STEPS) {
    throw refusal('steps', steps, `an integer from 1 to ${LARGEST_LOOP_STEPS}: a trial is one piece of work`);
  }
  const fewest = Math.ceil(steps / LARGEST_RECORDS);
  if (record.every < fewest) {
    const reason = `at most ${LARGEST_RECORDS} records and steps is ${steps}`;
    throw refusal('record.every', record.every, `an integer ≥ ${fewest}: ${reason}`);
  }
}

function checkNeurons(spec: UncheckedLoopSpec): void {
  for (const name of ['pre', 'post'] as const) {
    const { drive, epsilon } = spec[name];
    if (drive.type === 'table') {
      const reason = 'every trial draws drives of its own';
      throw refusal(`${name}.drive.type`, drive.type, `one of "noise", "steps", "ramps": ${reason}`);
    }
    if (drive.type !== 'noise' && drive.low > drive.high) {
      throw refusal(`${name}.drive.low`, drive.low, `a number ≤ ${name}.drive.high = ${drive.high}`);
    }
    if (drive.type === 'ramps' && (spec.steps < 2 || drive.knots > spec.steps)) {
      throw refusal(`${name}.drive.knots`, drive.knots, `an integer from 2 to steps = ${spec.steps}`);
    }
    if (burnInSteps(epsilon) > LARGEST_LOOP_STEPS) {
      const reason = 'each trial first runs 17 / epsilon steps to forget its start';
      throw refusal(`${name}.epsilon`, epsilon, `a number ≥ ${17 / LARGEST_LOOP_STEPS} and ≤ 1: ${reason}`);
    }
  }
}

function checkWeights({ loop }: UncheckedLoopSpec): void {
  const { bounds, initialWeight } = loop;
  if (typeof initialWeight !== 'number' && initialWeight.low > initialWeight.high) {
    const expected = `a number ≤ loop.initialWeight.high = ${initialWeight.high}`;
    throw refusal('loop.initialWeight.low', initialWeight.low, expected);
  }
  if (bounds.type === 'none') return;
  if (bounds.low >= bounds.high) {
    throw refusal('loop.bounds.low', bounds.low, `a number < loop.bounds.high = ${bounds.high}`);
  }
  const { low, high } = initialRange(loop);
  if (low < bounds.low || high > bounds.high) {
    const expected = `weights from loop.bounds.low = ${bounds.low} to loop.bounds.high = ${bounds.high}`;
    throw refusal('loop.initialWeight', initialWeight, expected);
  }
}

function withBins(spec: UncheckedLoopSpec): LoopSpec {
  const { bounds } = spec.loop;
  const initial = initialRange(spec.loop);
  const ends =
    bounds.type === 'none' ? { low: initial.low - DEFAULT_SPREAD, high: initial.high + DEFAULT_SPREAD } : bounds;
  const record = { ...spec.record, low: spec.record.low ?? ends.low, high: spec.record.high ?? ends.high };
  if (record.low >= record.high) throw refusal('record.low', record.low, `a number < record.high = ${record.high}`);
  return { ...spec, record } as LoopSpec;
}

/** Refuses an η with which a weight could leave its fixed-point format, or jump over a soft bound. */
function checkReach(spec: LoopSpec): void {
  const { eta, bounds } = spec.loop;
  const { weight, change } = loopReach(spec);
  if (bounds.type === 'none' && eta > 0 && !(weight < LARGEST_UNBOUNDED_WEIGHT)) {
    const most = largestEta(spec, LARGEST_UNBOUNDED_WEIGHT);
    const allowed = most >= 2 ** -32 ? `a number from 0 to ${most.toPrecision(3)}` : '0';
    const reason = `without bounds the weight could grow beyond ${LARGEST_UNBOUNDED_WEIGHT} in ${spec.steps} steps`;
    throw refusal('loop.eta', eta, `${allowed} (${reason}), or loop.bounds of type "hard" or "soft"`);
  }
  if (bounds.type === 'soft' && change > bounds.high - bounds.low) {
    const most = (eta * (bounds.high - bounds.low)) / change;
    const reason = 'one step could change the weight by more than loop.bounds.high - loop.bounds.low';
    throw refusal('loop.eta', eta, `a number from 0 to ${most.toPrecision(3)}: ${reason}`);
  }
}
