import { exp } from '../numeric/elementary.ts';
import type { Coincidence, ExponentialKernel, ExponentialWindow, PairingSpec, TableKernel } from './spec.ts';

/**
 * The exponential window ΔW(Δt) = A₊ e^(−Δt/τ₊) for Δt > 0, −A₋ e^(Δt/τ₋) for Δt < 0, and 0 at Δt = 0.
 *
 * @param kernel amplitudes and time constants
 * @param dt post minus pre, in the unit of the kernel's time constants
 *
 * @example
 * exponentialWindow(biPoo2001, 16.8); // 0.777 / e: the biological fit at +16.8 ms
 */
export function exponentialWindow(kernel: ExponentialWindow, dt: number): number {
  if (dt > 0) return kernel.aPlus * exp(-dt / kernel.tauPlus);
  if (dt < 0) return -kernel.aMinus * exp(dt / kernel.tauMinus);
  return 0;
}

/**
 * Weight change of a pair at d = −D … D, shape [2D + 1]. At d = 0, where only coincident spikes are, an exponential
 * kernel is A₊ if they are `causal`, −A₋ if `acausal`, and 0 if they make no pair.
 */
export function weightChanges(
  kernel: ExponentialKernel | TableKernel,
  { window, coincidence }: Pick<PairingSpec, 'window' | 'coincidence'>,
) {
  if (kernel.type === 'table') return Float64Array.from(kernel.values);
  const changes = Float64Array.from({ length: 2 * window + 1 }, (_, bin) => exponentialWindow(kernel, bin - window));
  changes[window] = atCoincidence(kernel, coincidence);
  return changes;
}

function atCoincidence({ aPlus, aMinus }: ExponentialWindow, coincidence: Coincidence): number {
  if (coincidence === 'causal') return aPlus;
  return coincidence === 'acausal' ? -aMinus : 0;
}

/**
 * The kernel of any function of the spike-timing difference, for `kernel` of a spec.
 *
 * Tables are part of the spec, so results are the same on every machine that is given the same table. What `Math.exp`
 * and its like give may differ in the last digit from one browser to another; {@link exponentialWindow} does not.
 *
 * @param window D of the spec's pairing, 1 … 64
 * @param weightChange of a pair at d = −D … D (post minus pre, in steps); must be 0 at d = 0 where coincident spikes are
 * skipped
 *
 * @example
 * parseSpec({ pairing: { window: 10 }, kernel: kernelTable(10, (d) => Math.sign(d) * (1 - Math.abs(d) / 11)) });
 */
export function kernelTable(window: number, weightChange: (d: number) => number): TableKernel {
  return { type: 'table', values: Array.from({ length: 2 * window + 1 }, (_, bin) => weightChange(bin - window)) };
}
