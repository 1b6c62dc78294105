import type { EpochRecord } from './training-checkpoint.ts';

/** Errors are drawn on a logarithmic scale from LEAST to 1. */
const LEAST = 1e-3;
const WIDTH = 40;

/** An epoch as a line of text with its place on a logarithmic chart of errors: ○ training, ● test. */
export function errorLine({ epoch, train_error, test_error, seconds }: EpochRecord): string {
  const chart = new Array<string>(WIDTH).fill('·');
  for (const [error, mark] of [[train_error, '○'] as const, [test_error, '●'] as const]) {
    const share = 1 - Math.log(Math.max(error, LEAST)) / Math.log(LEAST);
    chart[Math.min(WIDTH - 1, Math.floor(share * WIDTH))] = mark;
  }
  const percent = (error: number) => `${(100 * error).toFixed(2).padStart(5)} %`;
  const errors = `train ○ ${percent(train_error)}  test ● ${percent(test_error)}`;
  return `epoch ${String(epoch).padStart(3)}  ${errors}  ${chart.join('')}  ${seconds.toFixed(1)} s`;
}

/** What the ends of the chart are. */
export const errorScale = `errors from ${100 * LEAST} % (left) to 100 % (right), logarithmic`;
