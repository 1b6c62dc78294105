import type { TripletScheme } from './pairing-schemes.ts';
import type { TripletKernel } from './spec.ts';

/** What the triplet rule was fitted to: slices of visual cortex (Sjöström et al. 2001), hippocampal cultures. */
export const tripletSets = ['visual-cortex', 'hippocampus'] as const;
export type TripletSet = (typeof tripletSets)[number];

/** All terms of the rule, or only those that the data need: A₃⁻ = 0, and in visual cortex A₂⁺ = 0. */
export const tripletModels = ['full', 'minimal'] as const;
export type TripletModel = (typeof tripletModels)[number];

type Fitted = Omit<TripletKernel, 'type' | 'tauPlusMs' | 'tauMinusMs'>;

/** r1 and o1 were not fitted (Bi & Poo 2001). */
const pairTraces = { tauPlusMs: 16.8, tauMinusMs: 33.7 } as const;

/** A minimal model has no triplets of two presynaptic spikes, so that τx is of no account: it is that of the full one. */
const fitted: Readonly<Record<TripletScheme, Readonly<Record<TripletSet, Readonly<Record<TripletModel, Fitted>>>>>> = {
  triplet: {
    'visual-cortex': {
      full: { a2Plus: 5e-10, a3Plus: 6.2e-3, a2Minus: 7e-3, a3Minus: 2.3e-4, tauXMs: 101, tauYMs: 125 },
      minimal: { a2Plus: 0, a3Plus: 6.5e-3, a2Minus: 7.1e-3, a3Minus: 0, tauXMs: 101, tauYMs: 114 },
    },
    hippocampus: {
      full: { a2Plus: 6.1e-3, a3Plus: 6.7e-3, a2Minus: 1.6e-3, a3Minus: 1.4e-3, tauXMs: 946, tauYMs: 27 },
      minimal: { a2Plus: 5.3e-3, a3Plus: 8e-3, a2Minus: 3.5e-3, a3Minus: 0, tauXMs: 946, tauYMs: 40 },
    },
  },
  'triplet-nearest': {
    'visual-cortex': {
      full: { a2Plus: 8.8e-11, a3Plus: 5.3e-2, a2Minus: 6.6e-3, a3Minus: 3.1e-3, tauXMs: 714, tauYMs: 40 },
      minimal: { a2Plus: 0, a3Plus: 5e-2, a2Minus: 8e-3, a3Minus: 0, tauXMs: 714, tauYMs: 40 },
    },
    hippocampus: {
      full: { a2Plus: 4.6e-3, a3Plus: 9.1e-3, a2Minus: 3e-3, a3Minus: 7.5e-9, tauXMs: 575, tauYMs: 47 },
      minimal: { a2Plus: 4.6e-3, a3Plus: 9.1e-3, a2Minus: 3e-3, a3Minus: 0, tauXMs: 575, tauYMs: 48 },
    },
  },
};

/** Parameters of the triplet rule (Pfister & Gerstner, J. Neurosci. 26:9673, 2006, Tables 3 and 4). */
export function tripletKernel(
  scheme: TripletScheme,
  set: TripletSet = 'visual-cortex',
  model: TripletModel = 'full',
): TripletKernel {
  return { type: 'triplet', ...fitted[scheme][set][model], ...pairTraces };
}
