import { PURPOSE, randomBlock } from '../../random/address.ts';
import { multiplyHigh } from '../../random/philox.ts';
import { scaledNormal } from '../drive.ts';
import type { TrialRun } from '../trial-run.ts';
import type { ThresholdPlan } from './threshold-plan.ts';

/** Trials by their crossing. */
export interface ThresholdSums {
  /** Trials of each slope. */
  readonly trials: number;
  /** Shape [slopes][window + 1]: |ΔT| = 1 … window, and in entry 0 those without a crossing. */
  readonly counts: Uint32Array;
}

/** Work between two pauses for the event loop: a few milliseconds. */
const TRIALS_PER_TURN = 2 ** 14;

/** The reference: threshold crossings in TypeScript integers, equal to the GPU in every bit. */
export function openThresholdTwin(plan: ThresholdPlan): TrialRun<ThresholdSums> {
  const { slopes, spec } = plan;
  const counts = new Uint32Array(slopes.length * (spec.window + 1));
  let trials = 0;
  return {
    mostTrials: spec.trials,
    async run(first, count) {
      for (let row = 0; row < slopes.length; row++) {
        for (let trial = first; trial < first + count; trial++) {
          counts[row * (spec.window + 1) + stepsToCrossing(plan, row, trial)]! += 1;
          if ((trial - first) % TRIALS_PER_TURN === TRIALS_PER_TURN - 1) await new Promise((go) => setTimeout(go));
        }
      }
      trials += count;
    },
    read: async () => ({ trials, counts: counts.slice() }),
    destroy: () => undefined,
  };
}

/**
 * |ΔT|: steps from the presynaptic spike to the first one at which V has reached the threshold, forward in time for a
 * rising voltage, backward for a falling one (the last time above it); 0 where there is none within the window. Twin of
 * `shaders/stdp/threshold.wgsl`.
 */
export function stepsToCrossing({ spec, slopes, depth, noise }: ThresholdPlan, row: number, trial: number): number {
  const { seed, window } = spec;
  const slope = Math.abs(slopes[row]!);
  const gap = 1 + multiplyHigh(depth, randomBlock(seed, PURPOSE.thresholdStart, row, trial, 0)[0]);
  if (noise === 0) {
    const steps = Math.ceil(gap / slope);
    return steps <= window ? steps : 0;
  }
  let block = randomBlock(seed, PURPOSE.thresholdNoise, row, trial, 0);
  for (let steps = 1; steps <= window; steps++) {
    const at = (steps - 1) & 3;
    if (at === 0 && steps > 1) block = randomBlock(seed, PURPOSE.thresholdNoise, row, trial, (steps - 1) >>> 2);
    if (slope * steps + scaledNormal(noise, block[at as 0 | 1 | 2 | 3]) >= gap) return steps;
  }
  return 0;
}
