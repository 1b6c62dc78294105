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

  /** Whether there was a spike so many steps ago. */
  had(stepsAgo: number): boolean {
    return ((this.#words[stepsAgo >>> 5]! >>> (stepsAgo & 31)) & 1) === 1;
  }
}

/**
 * Spike-timing difference, post minus pre, of the pair that the presynaptic spike D steps ago makes under
 * `nearest-exclusive` (STDP paper §5.1); 0 for none. Twin of `shaders/stdp/closed-loop-pairing.wgsl`.
 *
 * @param post the last 2D + 1 steps
 */
export function dueDifference(post: SpikeHistory, window: number): number {
  if (post.had(window)) return 0;
  const first = (direction: 1 | -1) => {
    for (let d = 1; d <= window; d++) if (post.had(window - direction * d)) return d;
    return 0;
  };
  const after = first(1);
  const before = first(-1);
  if ((before === 0) === (after === 0)) return 0;
  return after - before;
}
