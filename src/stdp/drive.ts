import { multiplyShift, multiplyShiftDown } from '../numeric/wide.ts';
import { PURPOSE, randomBlock } from '../random/address.ts';
import { NORMAL_FRACTION_BITS, normalFromWord } from '../random/normal.ts';
import { multiplyHigh, type Words4 } from '../random/philox.ts';
import type { DrivePlan, NeuronPlan } from './plan.ts';

/** Which of the two neurons of a sequence. */
export type Neuron = 'pre' | 'post';

/** External voltage u(t), t = −burnIn …, in units of 2^−F; called once for each step in order. */
export type Voltage = () => number;

/**
 * Integrated activity s(0) … s(T) of one neuron of one sequence, in units of 2^−F, by leaky integration
 * s(t+1) = s(t) + ε (u(t) − s(t)) (STDP paper Eq. 6). The integrator works in units of 2^−(F+32); what is returned
 * is rounded down. Twin of `shaders/stdp/drive.wgsl`.
 *
 * @returns shape [steps + 1].
 */
export function integrateLeaky(
  plan: NeuronPlan,
  neuron: Neuron,
  seed: number,
  sequence: number,
  steps: number,
): Int32Array {
  const { drive, epsilon } = plan;
  if (drive.type === 'table') return drive.states.slice(sequence * (steps + 1), (sequence + 1) * (steps + 1));

  const states = new Int32Array(steps + 1);
  const [drivePurpose, startPurpose] =
    neuron === 'pre' ? [PURPOSE.preDrive, PURPOSE.preStart] : [PURPOSE.postDrive, PURPOSE.postStart];
  const voltage = voltageOf(drive, (index) => randomBlock(seed, drivePurpose, sequence, 0, index));
  const burnIn = drive.type === 'noise' ? 0 : drive.burnIn;
  const mantissa = BigInt(epsilon.mantissa);
  const shift = BigInt(31 + epsilon.shift);
  let state = BigInt(startOf(drive, randomBlock(seed, startPurpose, sequence, 0, 0))) << 32n;
  for (let t = -burnIn; t < steps; t++) {
    if (t >= 0) states[t] = Number(state >> 32n);
    state += (((BigInt(voltage()) << 32n) - state) * mantissa) >> shift;
  }
  states[steps] = Number(state >> 32n);
  return states;
}

/** Drives that are not a table. */
export type DrawnDrive = Exclude<DrivePlan, { type: 'table' }>;

/** s before the first step, from a block of random bits: stationary for `noise`, else the mean voltage (to be burnt in). */
export function startOf(drive: DrawnDrive, [word]: Words4): number {
  if (drive.type !== 'noise') return drive.low + Math.floor(drive.range / 2);
  return drive.mean + scaledNormal(drive.startSd, word);
}

/** @param blockAt the random bits of the drive, block by block */
export function voltageOf(drive: DrawnDrive, blockAt: (index: number) => Words4): Voltage {
  const levelFrom = (range: number, low: number, word: number) => low + multiplyHigh(range, word);

  switch (drive.type) {
    case 'noise': {
      let t = 0;
      let block = blockAt(0);
      return () => {
        if ((t & 3) === 0) block = blockAt(t >>> 2);
        const word = block[(t++ & 3) as 0 | 1 | 2 | 3];
        return drive.mean + scaledNormal(drive.sd, word);
      };
    }
    case 'steps': {
      let t = 0;
      let level = 0;
      return () => {
        const [decision, word] = blockAt(t);
        if (t++ === 0 || decision <= drive.redrawAtMost) level = levelFrom(drive.range, drive.low, word);
        return level;
      };
    }
    case 'ramps': {
      let knot = 0;
      let numerator = drive.numerator;
      const levelAt = (index: number) => levelFrom(drive.range, drive.low, blockAt(index)[0]);
      let from = levelAt(0);
      let to = levelAt(1);
      return () => {
        // Exact: the quotient is below 2²⁴ and, where it is no integer, at least 2⁻²⁴ away from one.
        const fraction = Math.floor((numerator * 2 ** 24) / drive.denominator);
        const level = from + multiplyShiftDown(to - from, fraction, 24);
        numerator += drive.increment;
        if (numerator >= drive.denominator) {
          numerator -= drive.denominator;
          knot++;
          from = to;
          to = levelAt(knot + 1);
        }
        return level;
      };
    }
  }
}

/** sd · z, rounded, for the normal deviate z of a word. */
export function scaledNormal(sd: number, word: number): number {
  return multiplyShift(normalFromWord(word), sd, NORMAL_FRACTION_BITS);
}
