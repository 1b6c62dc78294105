import * as Plot from '@observablehq/plot';
import { machineName } from './earlier.ts';
import type { BenchReport, BenchResult } from './report.ts';

const WIDTH = 720;
const OWN = 'this machine';

interface Point {
  readonly machine: string;
  readonly x: number;
  readonly y: number;
}

/** Trial-steps per second against trials or sequences, a line for each machine. */
export function speedChart(
  by: 'trials' | 'sequences',
  own: BenchReport | undefined,
  earlier: readonly BenchReport[],
): Element | undefined {
  const points = pointsOf(own, earlier, (result) =>
    result.name.startsWith(`product-${by}-`)
      ? { x: result[by], y: result.gpu_trial_steps_per_s ?? result.trial_steps_per_s }
      : undefined,
  );
  return chart(points, { x: by, y: 'trial-steps per second', yType: 'log' });
}

/** Share of the integer peak against the size of the experiment. */
export function rooflineChart(own: BenchReport | undefined, earlier: readonly BenchReport[]): Element | undefined {
  const points = pointsOf(own, earlier, (result) =>
    result.share_of_peak === null ? undefined : { x: result.trial_steps, y: 100 * result.share_of_peak },
  );
  return chart(points, { x: 'trial-steps', y: 'share of the integer peak, %', yType: 'linear' });
}

function pointsOf(
  own: BenchReport | undefined,
  earlier: readonly BenchReport[],
  pointOf: (result: BenchResult) => { x: number; y: number } | undefined,
): Point[] {
  const reports = [...earlier.map((report) => [machineName(report), report] as const)];
  if (own) reports.push([OWN, own]);
  return reports.flatMap(([machine, { results }]) =>
    results.flatMap((result) => {
      const point = pointOf(result);
      return point ? [{ machine, ...point }] : [];
    }),
  );
}

/** @returns `undefined` without points. */
function chart(
  points: readonly Point[],
  { x, y, yType }: { x: string; y: string; yType: 'log' | 'linear' },
): Element | undefined {
  if (points.length === 0) return undefined;
  const channels = { x: 'x', y: 'y', stroke: 'machine' } as const;
  return Plot.plot({
    width: WIDTH,
    height: 320,
    marginLeft: 60,
    marginBottom: 42,
    style: { background: 'transparent', fontSize: '12px' },
    x: { type: 'log', label: x, tickFormat: '~s' },
    y: { type: yType, label: y, grid: true, ...(yType === 'linear' ? { zero: true } : { tickFormat: '~s' }) },
    color: { legend: true, scheme: 'Observable10' },
    marks: [
      Plot.lineY(points, { ...channels, sort: 'x' }),
      Plot.dot(points, { ...channels, fill: 'machine', r: 3.5, tip: true }),
    ],
  });
}
