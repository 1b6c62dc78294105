import { multiplyShiftDown, Wide } from '../../numeric/wide.ts';
import { PURPOSE, type Purpose, randomBlock } from '../../random/address.ts';
import { multiplyHigh } from '../../random/philox.ts';
import { type DrawnDrive, startOf, type Voltage, voltageOf } from '../drive.ts';
import { type NeuronPlan, RHO_FRACTION_BITS } from '../plan.ts';
import { spikeProbability } from '../probability.ts';
import { rhoOf } from '../rho.ts';
import { dueDistances, SpikeHistory } from './loop-pairing.ts';
import type { LoopPlan, RangePlan } from './loop-plan.ts';

/** One trial, as it is recorded. */
export interface TrialRecords {
  /** Σ ṡ² over each record's steps and over all of them, in units of 2^−Q, shape [records + 1]. */
  readonly learned: Float64Array;
  /** The same without learning. */
  readonly plain: Float64Array;
  /** W at the start of each record and at the end, in units of 2^−F, shape [records + 1]. */
  readonly weights: Int32Array;
}

/** x_j = 1 in units of 2⁻³¹. */
const ONE_INPUT = 2 ** 31;

/**
 * Runs one trial with learning and without, on the same drives and random words. Twin of `shaders/stdp/closed-loop.wgsl`.
 *
 * @param records where the result goes
 */
export function runLoopTrial(plan: LoopPlan, trial: number, records: TrialRecords): void {
  const { spec, pre, post, burnIn } = plan;
  const { seed, steps, loop, record, pairing } = spec;
  const random = (purpose: Purpose, step: number) => randomBlock(seed, purpose, 0, trial, step);
  const drive = ({ drive: drawn }: NeuronPlan, purpose: Purpose): Voltage =>
    voltageOf(drawn as DrawnDrive, (index) => random(purpose, index));
  const start = ({ drive: drawn }: NeuronPlan, purpose: Purpose): number =>
    startOf(drawn as DrawnDrive, random(purpose, 0));

  const preVoltage = drive(pre, PURPOSE.loopPreDrive);
  const postVoltage = drive(post, PURPOSE.loopPostDrive);
  const preState = new Wide().set(start(pre, PURPOSE.loopPreStart), 0);
  const postStart = start(post, PURPOSE.loopPostStart);
  const learned = new Wide().set(postStart, 0);
  const plain = new Wide().set(postStart, 0);
  const { initial } = plan;
  const initialWeight = initial.low + multiplyHigh(initial.range, random(PURPOSE.loopWeight, 0)[0]);
  const weight = new Wide().set(initialWeight, 0);
  const fixedWeight = new Wide().set(initialWeight, 0);
  const change = new Wide();
  const preSpikes = new SpikeHistory(2 * pairing.window + 1);
  const postSpikes = new SpikeHistory(2 * pairing.window + 1);
  const none = new Wide();

  records.learned.fill(0);
  records.plain.fill(0);
  let words = random(PURPOSE.loopSpikes, 0);
  for (let t = -burnIn; t < steps; t++) {
    const index = t < 0 ? 0 : Math.floor(t / record.every);
    if (t >= 0 && t === index * record.every) records.weights[index] = weight.high;
    const rho = rhoOf(preState.high, pre);
    let spike = 0;
    if (plan.spikes) {
      const step = t + burnIn;
      if ((step & 1) === 0 && step > 0) words = random(PURPOSE.loopSpikes, step >>> 1);
      const [preWord, postWord] = (step & 1) === 0 ? [words[0], words[1]] : [words[2], words[3]];
      spike = preWord >>> 1 < spikeProbability(preState.high, pre) ? 1 : 0;
      if (loop.rule === 'pair' && t >= 0) {
        preSpikes.push(spike);
        postSpikes.push(postWord >>> 1 < spikeProbability(learned.high, post) ? 1 : 0);
      }
    }
    const transmitted = loop.input === 'rate' ? rho * 2 : spike * ONE_INPUT;
    const u = postVoltage();
    const learnedRate = integrate(learned, u, weight, transmitted, plan.postEpsilon);
    const plainRate = integrate(plain, u, fixedWeight, transmitted, plan.postEpsilon);
    integrate(preState, preVoltage(), none, 0, plan.preEpsilon);
    if (t < 0) continue;

    const learnedSquare = squared(learnedRate, plan.rateScale);
    const plainSquare = squared(plainRate, plan.rateScale);
    records.learned[index]! += learnedSquare;
    records.learned[plan.records]! += learnedSquare;
    records.plain[index]! += plainSquare;
    records.plain[plan.records]! += plainSquare;

    change.set(0, 0);
    if (loop.rule === 'rate') {
      change
        .setProduct(learnedRate, rho)
        .shiftLeft(32 - RHO_FRACTION_BITS)
        .scale(plan.eta.mantissa)
        .shiftRight(plan.eta.shift);
    } else if (loop.rule === 'spike') {
      if (spike === 1) change.set(learnedRate, 0).scale(plan.eta.mantissa).shiftRight(plan.eta.shift);
    } else if (preSpikes.had(pairing.window)) {
      const distances = dueDistances(preSpikes, postSpikes, pairing);
      const sum = distances.reduce((total, d) => total + plan.pairs[d + pairing.window]!, 0n);
      change.set(Number(sum >> 32n), Number(sum & 0xffffffffn));
    }
    learn(weight, change, loop.bounds.type === 'soft', plan.range);
  }
  records.weights[plan.records] = weight.high;
}

const input = new Wide();

/** s ← s + ε (u + W x − s). @returns ṡ in units of 2^−F. @param x, epsilon in units of 2⁻³¹ */
function integrate(state: Wide, u: number, weight: Wide, x: number, epsilon: number): number {
  const before = state.high;
  input.copy(weight).scale(x);
  input.high = (input.high + u) | 0;
  state.add(input.subtract(state).scale(epsilon));
  return state.high - before;
}

const square = new Wide();

/** ṡ² in units of 2^−Q, rounded. */
function squared(rate: number, scale: number): number {
  const magnitude = Math.abs(rate) * scale;
  square.setProduct(magnitude | 0, magnitude);
  // The product of a factor that is taken for a signed one lacks the other factor in its upper word.
  const high = magnitude >= 2 ** 31 ? square.high + magnitude : square.high;
  return (high >>> 0) + (square.low < 0 ? 1 : 0);
}

/** W ← W + ΔW within its bounds. */
function learn(weight: Wide, change: Wide, soft: boolean, range: RangePlan | undefined): void {
  if (range && soft) {
    const room = change.high < 0 ? weight.high - range.low : range.high - weight.high;
    change.scale(Math.min(ONE_INPUT, multiplyShiftDown(room, range.mantissa, range.shift) >>> 0));
  }
  weight.add(change);
  if (!range) return;
  // Under soft bounds only rounding gets there.
  if (weight.high >= range.high) weight.set(range.high, 0);
  else if (weight.high < range.low) weight.set(range.low, 0);
}
