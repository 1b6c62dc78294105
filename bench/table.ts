import { type BenchReport, type BenchResult, type LeftOut, ratio } from './report.ts';

/** A time with a unit that suits it. */
export function duration(seconds: number): string {
  const [unit, scale] =
    seconds < 1e-3 ? (['µs', 1e6] as const) : seconds < 1 ? (['ms', 1e3] as const) : (['s', 1] as const);
  return `${(seconds * scale).toPrecision(3)} ${unit}`;
}

/** A large number as in `1.23e+8`. */
export function large(value: number): string {
  return value.toExponential(2);
}

/** A share of one as per cent. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

export const columns = [
  'name',
  'size',
  'median',
  'spread',
  'GPU median',
  'trial-steps/s',
  'of peak',
  'correct',
] as const;

/** The cells of a result, in the order of {@link columns}. */
export function cells(result: BenchResult): string[] {
  const { sequences, steps, trials, trial_steps } = result;
  const experiments = Math.round(trial_steps / (sequences * steps * trials));
  return [
    result.name,
    `${experiments > 1 ? `${experiments} × ` : ''}${sequences} × ${steps} × ${trials}`,
    duration(result.median_s),
    `${percent(result.spread_s / result.median_s)}${result.steady ? '' : ' *'}`,
    result.gpu_median_s === null ? '–' : duration(result.gpu_median_s),
    large(result.gpu_trial_steps_per_s ?? result.trial_steps_per_s),
    result.share_of_peak === null ? '–' : percent(result.share_of_peak),
    result.correct ? 'yes' : 'NO',
  ];
}

const WIDTHS = [27, 18, 8, 8, 10, 13, 7, 7];

/** A line of the table for a terminal. */
export function line(texts: readonly string[]): string {
  return texts
    .map((text, column) => (column < 2 ? text.padEnd(WIDTHS[column]!) : text.padStart(WIDTHS[column]!)))
    .join(' ');
}

export function leftOutLine({ name, reason }: LeftOut): string {
  return `${name.padEnd(WIDTHS[0]!)} left out: ${reason}`;
}

/** What the benchmark is for, in sentences: how the product compares with what was measured beside it. */
export function comparisons(report: BenchReport): string[] {
  const pairs: [string, string, string][] = [
    ['product', 'baseline-naive', 'the product kernel against the first kernel that anyone writes'],
    ['product', 'baseline-naive-blocks', 'the product kernel against the same with whole Philox blocks'],
    ['product', 'tfjs-webgpu', 'the product kernel against TensorFlow.js on WebGPU'],
    ['product', 'numpy', 'the product kernel against numpy'],
    ['cpu', 'numpy', 'the CPU path against numpy'],
    ['cpu', 'twin', 'the CPU path against the readable twin'],
  ];
  const sentences = pairs.flatMap(([faster, slower, text]) => {
    const factor = ratio(report, faster, slower);
    return factor === undefined ? [] : [`${text}: ${factor.toPrecision(3)} ×`];
  });
  const batches: [string, string, string][] = [
    ['single-same-total', 'batch-1024', '1,024 points against one experiment of the same total'],
    ['single-same-sequences', 'batch-1024', '1,024 points against one experiment of as many sequences'],
    ['single-same-total', 'batch-1024-one-sequence', '1,024 points of one sequence against one experiment'],
    ['cpu-single-same-total', 'cpu-batch-1024', 'the same on the CPU path, of five sequences'],
    ['cpu-single-same-total', 'cpu-batch-1024-one-sequence', 'the same on the CPU path, of one sequence'],
  ];
  for (const [single, batch, text] of batches) {
    const factor = ratio(report, single, batch);
    if (factor !== undefined) sentences.push(`${text}: ${factor.toPrecision(3)} × the time`);
  }
  const byTrials = report.results.filter(
    ({ name, trial_steps }) => name.startsWith('product-trials-') && trial_steps >= 1e7,
  );
  if (byTrials.length > 1) {
    const costs = byTrials.map((result) => (result.gpu_median_s ?? result.median_s) / result.trial_steps);
    const [least, most] = [Math.min(...costs), Math.max(...costs)];
    sentences.push(`cost per trial-step from 10⁷ trial-steps up: within ${percent(most / least - 1)}`);
  }
  if (report.first_curve) {
    const { median_s, samples } = report.first_curve;
    sentences.push(`first curve on the demo page, cold: ${duration(median_s)} after navigation (median of ${samples})`);
  }
  if (report.peak_ops_per_s !== null) {
    const needed = report.operations_per_trial_step[0]?.total.toFixed(1);
    sentences.push(`integer peak ${large(report.peak_ops_per_s)} operations/s; a trial-step needs ${needed}`);
  }
  return sentences;
}
