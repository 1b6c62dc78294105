import { pairDistances } from '../pairing-schemes.ts';
import type { LoopPairing } from './loop-spec.ts';

/** Spikes of the last steps, one bit a step: bit k is k steps ago. */
export class SpikeHistory {
  readonly #words: Int32Array;

  /** @param steps how many are remembered, the present one included */
  constructor(steps: number) {
    this.#words = new Int32Array(Math.ceil(steps / 32));
  }

  clear(): void {
    this.#words.fill(0);
  }

  /** A step passes. @param spike 1 or 0, what the step brings */
  push(spike: number): void {
    const words = this.#words;
    for (let word = words.length - 1; word > 0; word--) words[word] = (words[word]! << 1) | (words[word - 1]! >>> 31);
    words[0] = (words[0]! << 1) | spike;
  }

  /** The last steps in the order in which they passed, one byte a step. */
  bytes(steps: number): Uint8Array {
    return Uint8Array.from({ length: steps }, (_, step) => Number(this.had(steps - 1 - step)));
  }

  /** Whether there was a spike so many steps ago. */
  had(stepsAgo: number): boolean {
    return ((this.#words[stepsAgo >>> 5]! >>> (stepsAgo & 31)) & 1) === 1;
  }
}

/**
 * Spike-timing differences, post minus pre, of the pairs that the presynaptic spike D steps ago makes. Twin of
 * `shaders/stdp/closed-loop-pairing.wgsl`.
 *
 * @param pre, post the last 2D + 1 steps
 */
export function dueDistances(pre: SpikeHistory, post: SpikeHistory, pairing: LoopPairing): number[] {
  const { window } = pairing;
  return pairDistances(pre.bytes(2 * window + 1), post.bytes(2 * window + 1), window, {
    ...pairing,
    edges: 'interior',
  });
}
