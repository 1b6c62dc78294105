/**
 * Spike-timing difference of the presynaptic spike at step t under `nearest-exclusive` (STDP paper §5.1), post minus
 * pre; 0 where it makes no pair: a coincident postsynaptic spike, spikes on both sides within the window, or none.
 *
 * @param post one byte a step; steps outside it hold no spike.
 */
export function nearestExclusive(post: Uint8Array, t: number, window: number): number {
  if (post[t] === 1) return 0;
  const before = firstSpike(post, t, -1, window);
  const after = firstSpike(post, t, 1, window);
  if ((before === 0) === (after === 0)) return 0;
  return after > 0 ? after : -before;
}

/** Distance of the first spike from t in a direction, at most `window`; 0 if there is none. */
function firstSpike(post: Uint8Array, t: number, direction: 1 | -1, window: number): number {
  for (let d = 1; d <= window; d++) {
    if (post[t + direction * d] === 1) return d;
  }
  return 0;
}
