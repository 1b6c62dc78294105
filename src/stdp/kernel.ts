import { exp } from '../numeric/elementary.ts';
import type { KernelSpec } from './spec.ts';

/**
 * The exponential window ΔW(Δt) = A₊ e^(−Δt/τ₊) for Δt > 0, −A₋ e^(Δt/τ₋) for Δt < 0, and 0 at Δt = 0.
 *
 * @param kernel amplitudes and time constants
 * @param dt post minus pre, in the unit of the kernel's time constants
 *
 * @example
 * exponentialWindow(biPoo2001, 16.8); // 0.777 / e: the biological fit at +16.8 ms
 */
export function exponentialWindow(kernel: KernelSpec, dt: number): number {
  if (dt > 0) return kernel.aPlus * exp(-dt / kernel.tauPlus);
  if (dt < 0) return -kernel.aMinus * exp(dt / kernel.tauMinus);
  return 0;
}
