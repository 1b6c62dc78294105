import type { Coincidence, TripletKernel } from '../../src/stdp/spec.ts';

/** What one pair changes. */
export interface DefinedChange {
  readonly pre: number;
  readonly post: number;
  readonly change: number;
}

/**
 * The triplet rule from its definition (Pfister & Gerstner 2006, Eq. 1–4), in float64 and without any recursion: each trace
 * is a sum over the earlier spikes of its neuron, or (`nearest`) the exponential of the last one.
 */
export function definedTriplets(
  kernel: TripletKernel,
  rule: {
    readonly nearest: boolean;
    readonly coincidence: Coincidence;
    readonly window: number;
    readonly msPerStep: number;
  },
  pre: readonly number[],
  post: readonly number[],
): DefinedChange[] {
  const { nearest, coincidence, window, msPerStep } = rule;
  const heard = (times: readonly number[]) => (nearest ? times.slice(-1) : times);
  const decay = (steps: number, tau: number) => Math.exp((-steps * msPerStep) / tau);
  const before = (times: readonly number[], t: number, tau: number) =>
    heard(times.filter((time) => time < t)).reduce((sum, time) => sum + decay(t - time, tau), 0);
  const changes: DefinedChange[] = [];
  for (const y of post) {
    const o2 = before(post, y, kernel.tauYMs);
    for (const x of heard(pre.filter((time) => time < y || (time === y && coincidence === 'causal')))) {
      if (y - x > window) continue;
      const change = decay(y - x, kernel.tauPlusMs) * (kernel.a2Plus + kernel.a3Plus * o2);
      changes.push({ pre: x, post: y, change });
    }
  }
  for (const x of pre) {
    const r2 = before(pre, x, kernel.tauXMs);
    for (const y of heard(post.filter((time) => time < x || (time === x && coincidence === 'acausal')))) {
      if (x - y > window) continue;
      const change = -decay(x - y, kernel.tauMinusMs) * (kernel.a2Minus + kernel.a3Minus * r2);
      changes.push({ pre: x, post: y, change });
    }
  }
  return changes;
}
