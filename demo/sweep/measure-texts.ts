import type { ScalarMeasure } from '../../src/stdp/sweep/measure-names.ts';

/** How a measure is named and read. */
export interface MeasureText {
  readonly title: string;
  readonly unit: string;
  /** Whether its sign has a meaning, so that colours part at zero. */
  readonly signed: boolean;
}

export const measureTexts: Readonly<Record<ScalarMeasure, MeasureText>> = {
  area_plus: { title: 'Area of the positive lobe', unit: 'ΔW × steps', signed: true },
  peak_plus: { title: 'Peak of the positive lobe', unit: 'ΔW', signed: true },
  tau_plus: { title: 'Time constant after the spike, τ₊', unit: 'steps', signed: false },
  area_minus: { title: 'Area of the negative lobe', unit: 'ΔW × steps', signed: true },
  peak_minus: { title: 'Peak of the negative lobe', unit: 'ΔW', signed: true },
  tau_minus: { title: 'Time constant before the spike, τ₋', unit: 'steps', signed: false },
  asymmetry: { title: 'Asymmetry of the lobes', unit: '−1 … 1', signed: true },
  pairs: { title: 'Pairs of spikes', unit: 'pairs', signed: false },
  correlation_raw: { title: 'Correlation of the rules, cells', unit: 'Pearson’s r', signed: true },
  correlation_binned: { title: 'Correlation of the rules, binned', unit: 'Pearson’s r', signed: true },
  mean_rate_pre: { title: 'Mean presynaptic rate', unit: 'spikes per step', signed: false },
  mean_rate_post: { title: 'Mean postsynaptic rate', unit: 'spikes per step', signed: false },
};
