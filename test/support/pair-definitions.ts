import type { Coincidence, PairingScheme } from '../../src/stdp/spec.ts';

/** Steps of the two spikes of a pair. */
export interface DefinedPair {
  readonly pre: number;
  readonly post: number;
}

/**
 * All pairs of one trial, from the words that define the schemes: "the last one before", "the next one after", "no spike
 * of either neuron between them". Whether a coincident spike counts as before or as after is said in one place, and each
 * "last" and "next" is a maximum or a minimum over all spikes.
 */
export function definedPairs(
  scheme: PairingScheme,
  coincidence: Coincidence,
  window: number,
  pre: readonly number[],
  post: readonly number[],
): DefinedPair[] {
  const comesAfter = (y: number, x: number) => y > x || (y === x && coincidence === 'causal');
  const comesBefore = (y: number, x: number) => y < x || (y === x && coincidence === 'acausal');
  const last = (times: readonly number[]) => (times.length > 0 ? [Math.max(...times)] : []);
  const next = (times: readonly number[]) => (times.length > 0 ? [Math.min(...times)] : []);
  const lastPostBefore = (x: number) => last(post.filter((y) => comesBefore(y, x)));
  const nextPostAfter = (x: number) => next(post.filter((y) => comesAfter(y, x)));
  const lastPreBefore = (y: number) => last(pre.filter((x) => comesAfter(y, x)));
  const isNear = ({ pre: x, post: y }: DefinedPair) => Math.abs(y - x) <= window;
  const ofPre = (partners: (x: number) => number[]) =>
    pre.flatMap((x) => partners(x).map((y) => ({ pre: x, post: y }))).filter(isNear);

  switch (scheme) {
    case 'all-to-all':
    case 'triplet':
      return ofPre((x) => post.filter((y) => comesAfter(y, x) || comesBefore(y, x)));
    case 'nearest-presynaptic':
      return ofPre((x) => [...lastPostBefore(x), ...nextPostAfter(x)]);
    case 'nearest-symmetric':
    case 'triplet-nearest':
      return [
        ...ofPre(lastPostBefore),
        ...post.flatMap((y) => lastPreBefore(y).map((x) => ({ pre: x, post: y }))).filter(isNear),
      ];
    case 'nearest-reduced':
      return ofPre((x) =>
        post.filter((y) => {
          if (comesAfter(y, x)) {
            const postBetween = post.some((other) => comesAfter(other, x) && other < y);
            const preBetween = pre.some((other) => other > x && comesAfter(y, other));
            return !postBetween && !preBetween;
          }
          if (comesBefore(y, x)) {
            const postBetween = post.some((other) => comesBefore(other, x) && other > y);
            const preBetween = pre.some((other) => other < x && comesBefore(y, other));
            return !postBetween && !preBetween;
          }
          return false;
        }),
      );
    case 'nearest-exclusive':
      return pre.flatMap((x) => {
        if (coincidence === 'skip' && post.includes(x)) return [];
        const near = (partners: number[]) => partners.map((y) => ({ pre: x, post: y })).filter(isNear);
        const before = near(lastPostBefore(x));
        const after = near(nextPostAfter(x));
        return before.length > 0 && after.length > 0 ? [] : [...before, ...after];
      });
  }
}
