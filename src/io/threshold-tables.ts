import type { ThresholdResult } from '../stdp/threshold/threshold-results.ts';
import type { Column } from './csv.ts';

/** The columns of `threshold.csv`: a row a slope. */
export function thresholdColumns({ slopes }: ThresholdResult): Column[] {
  return [
    { name: 'dw', values: slopes.map(({ dw }) => dw) },
    { name: 'crossings', values: slopes.map(({ crossings }) => crossings) },
    { name: 'crossings_expected', values: slopes.map(({ crossingsExpected }) => crossingsExpected) },
    { name: 'dt', values: slopes.map(({ dt }) => dt) },
    { name: 'dt_se', values: slopes.map(({ dtSe }) => dtSe) },
    { name: 'dt_expected', values: slopes.map(({ dtExpected }) => dtExpected) },
  ];
}

/** The columns of `timing.csv`: a row a spike-timing difference. */
export function timingColumns({ timing }: ThresholdResult): Column[] {
  return [
    { name: 'dt', values: timing.map(({ dt }) => dt) },
    { name: 'crossings', values: timing.map(({ crossings }) => crossings) },
    { name: 'dw', values: timing.map(({ dw }) => dw) },
    { name: 'dw_se', values: timing.map(({ dwSe }) => dwSe) },
    { name: 'dw_expected', values: timing.map(({ dwExpected }) => dwExpected) },
  ];
}
