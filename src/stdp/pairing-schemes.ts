import { nearestExclusive } from './pairing.ts';
import type { Coincidence, PairingScheme, PairingSpec } from './spec.ts';

/** Which spikes between the presynaptic and the postsynaptic spike of a pair hide them from each other. */
export interface Hiding {
  readonly post: boolean;
  readonly pre: boolean;
}

/** What tells one pairing scheme from another. */
export interface SchemeRule {
  /** Of pairs whose postsynaptic spike comes after the presynaptic one. */
  readonly after: Hiding;
  /** Of pairs whose postsynaptic spike comes before it. */
  readonly before: Hiding;
  /** A presynaptic spike that would make a pair on both sides makes none. */
  readonly exclusive: boolean;
}

const none: Hiding = { post: false, pre: false };
const postHides: Hiding = { post: true, pre: false };
const preHides: Hiding = { post: false, pre: true };
const bothHide: Hiding = { post: true, pre: true };

/**
 * The pairing schemes (Morrison, Diesmann & Gerstner, Biol. Cybern. 98:459, 2008, Fig. 7, and STDP paper §5.1).
 *
 * "Each presynaptic spike with the next postsynaptic one" is to say that a postsynaptic spike hides those behind it, and
 * "each postsynaptic spike with the last presynaptic one" that a presynaptic spike hides those before it.
 */
export const schemeRules: Readonly<Record<PairingScheme, SchemeRule>> = {
  'nearest-exclusive': { after: postHides, before: postHides, exclusive: true },
  'nearest-presynaptic': { after: postHides, before: postHides, exclusive: false },
  'nearest-symmetric': { after: preHides, before: postHides, exclusive: false },
  'nearest-reduced': { after: bothHide, before: bothHide, exclusive: false },
  'all-to-all': { after: none, before: none, exclusive: false },
  // A trace that adds up is a pair with every spike; one that is set to 1 is a pair with the last spike.
  triplet: { after: none, before: none, exclusive: false },
  'triplet-nearest': { after: preHides, before: postHides, exclusive: false },
};

/** Schemes under which a pair's weight change depends on spikes before it. */
export type TripletScheme = 'triplet' | 'triplet-nearest';

export function isTriplet(scheme: PairingScheme): scheme is TripletScheme {
  return scheme === 'triplet' || scheme === 'triplet-nearest';
}

/** A pairing as the constants of the kernels. */
export function schemeFlags({ scheme, coincidence }: Pick<PairingSpec, 'scheme' | 'coincidence'>) {
  const { after, before, exclusive } = schemeRules[scheme];
  return {
    POST_HIDES_AFTER: after.post,
    PRE_HIDES_AFTER: after.pre,
    POST_HIDES_BEFORE: before.post,
    PRE_HIDES_BEFORE: before.pre,
    EXCLUSIVE: exclusive,
    CAUSAL: coincidence === 'causal',
    ACAUSAL: coincidence === 'acausal',
  };
}

/** Whether a scheme makes at most one pair of a presynaptic spike, and none of a coincident one. */
export function pairsOnce({ scheme, coincidence }: Pick<PairingSpec, 'scheme' | 'coincidence'>): boolean {
  return scheme === 'nearest-exclusive' && coincidence === 'skip';
}

/**
 * Spike-timing differences, post minus pre, of the pairs that the presynaptic spike at step t makes.
 *
 * Of two coincident spikes the presynaptic one comes first under `causal` and last under `acausal`; under `skip` neither
 * does, so that they make no pair and neither hides the other.
 *
 * @param pre one byte a step; steps outside it hold no spike. pre[t] is 1.
 * @param post one byte a step.
 */
export function pairDistances(pre: Uint8Array, post: Uint8Array, t: number, pairing: PairingSpec): number[] {
  const { scheme, coincidence, window } = pairing;
  if (pairsOnce(pairing)) {
    const distance = nearestExclusive(post, t, window);
    return distance === 0 ? [] : [distance];
  }
  const { after, before, exclusive } = schemeRules[scheme];
  const distancesBefore = distancesOnSide(pre, post, t, -1, window, before, coincidence === 'acausal');
  const distancesAfter = distancesOnSide(pre, post, t, 1, window, after, coincidence === 'causal');
  if (exclusive && distancesBefore.length > 0 && distancesAfter.length > 0) return [];
  return [...distancesBefore, ...distancesAfter];
}

/** @param tied coincident postsynaptic spikes lie on this side of the presynaptic ones. */
function distancesOnSide(
  pre: Uint8Array,
  post: Uint8Array,
  t: number,
  direction: 1 | -1,
  window: number,
  hides: Hiding,
  tied: boolean,
): number[] {
  const distances: number[] = [];
  for (let k = tied ? 0 : 1; k <= window; k++) {
    const at = t + direction * k;
    const preHere = k > 0 && pre[at] === 1;
    // On the way to a tied postsynaptic spike its presynaptic one is passed first.
    if (tied && preHere && hides.pre) break;
    if (post[at] === 1) distances.push(at - t);
    if ((post[at] === 1 && hides.post) || (preHere && hides.pre)) break;
  }
  return distances;
}

/** Names of the schemes, in the order in which they are told. */
export const pairingSchemes = Object.keys(schemeRules) as [PairingScheme, ...PairingScheme[]];

/** Schemes under which its distance tells a pair's weight change. */
export type PairwiseScheme = Exclude<PairingScheme, TripletScheme>;

export const pairwiseSchemes = pairingSchemes.filter((scheme): scheme is PairwiseScheme => !isTriplet(scheme));

export const coincidences: readonly [Coincidence, ...Coincidence[]] = ['skip', 'causal', 'acausal'];
