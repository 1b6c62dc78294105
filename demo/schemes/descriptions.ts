import type { PairingScheme } from '../../src/index.ts';

/** What a scheme pairs, in a sentence. */
export const schemeTexts: Readonly<Record<PairingScheme, string>> = {
  'nearest-exclusive':
    'The paper’s: each presynaptic spike with the nearest postsynaptic one, unless there are some on both sides.',
  'nearest-presynaptic': 'Each presynaptic spike with the last postsynaptic one before it and the next one after it.',
  'nearest-symmetric':
    'Each presynaptic spike with the last postsynaptic one before it, each postsynaptic spike with the last presynaptic one before it.',
  'nearest-reduced': 'Neighbours only, with no spike of either neuron between them.',
  'all-to-all': 'Every presynaptic spike with every postsynaptic one.',
  triplet: 'All pairs; those whose later neuron spiked before change more (Pfister & Gerstner 2006, visual cortex).',
  'triplet-nearest': 'The pairs of nearest-symmetric, with triplets of the last spikes.',
};
