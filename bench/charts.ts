import * as Plot from '@observablehq/plot';
import { machineName } from './earlier.ts';
import type { BenchReport, BenchResult } from './report.ts';

const OWN = 'this machine';

interface Point {
  readonly machine: string;
  readonly x: number;
  readonly y: number;
}

/** What a chart shows: the report of this machine, where there is one, beside earlier ones. */
export interface Compared {
  readonly own: BenchReport | undefined;
  readonly earlier: readonly BenchReport[];
  /** CSS pixels. */
  readonly width: number;
}

/** Trial-steps per second against trials or sequences, a line for each machine. */
export function speedChart(by: 'trials' | 'sequences', compared: Compared): Element | undefined {
  const points = pointsOf(compared, (result) =>
    result.name.startsWith(`product-${by}-`)
      ? { x: result[by], y: result.gpu_trial_steps_per_s ?? result.trial_steps_per_s }
      : undefined,
  );
  return chart(points, { x: by, y: 'trial-steps per second', yType: 'log', width: compared.width });
}

/** Share of the integer peak against the size of the experiment. */
export function rooflineChart(compared: Compared): Element | undefined {
  const points = pointsOf(compared, (result) =>
    result.share_of_peak === null ? undefined : { x: result.trial_steps, y: 100 * result.share_of_peak },
  );
  const { width } = compared;
  return chart(points, { x: 'trial-steps', y: 'share of the integer peak, %', yType: 'linear', width });
}

function pointsOf(
  { own, earlier }: Compared,
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

/** Whole decades around what is shown, so that differences of a few per cent look like that. */
function decadesAround(points: readonly Point[]): [number, number] {
  const exponents = points.map((point) => Math.log10(point.y));
  return [10 ** Math.floor(Math.min(...exponents)), 10 ** Math.ceil(Math.max(...exponents))];
}

interface ChartOptions {
  readonly x: string;
  readonly y: string;
  readonly yType: 'log' | 'linear';
  readonly width: number;
}

/** @returns `undefined` without points. */
function chart(points: readonly Point[], { x, y, yType, width }: ChartOptions): Element | undefined {
  if (points.length === 0) return undefined;
  const channels = { x: 'x', y: 'y', stroke: 'machine' } as const;
  const ticks = Math.max(3, Math.floor(width / 90));
  return Plot.plot({
    width,
    height: 320,
    marginTop: 28,
    marginLeft: 50,
    marginBottom: 42,
    style: { background: 'transparent', fontSize: '12px' },
    x: { type: 'log', label: x, ticks, tickFormat: '~s' },
    y:
      yType === 'linear'
        ? { label: y, grid: true, domain: [0, 100] }
        : { type: 'log', label: y, grid: true, domain: decadesAround(points), ticks: 5, tickFormat: '~s' },
    color: { legend: true, scheme: 'Observable10' },
    marks: [
      Plot.lineY(points, { ...channels, sort: 'x' }),
      Plot.dot(points, { ...channels, fill: 'machine', r: 3.5, tip: true }),
    ],
  });
}
