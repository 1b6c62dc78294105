import * as Plot from '@observablehq/plot';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame } from './frame.ts';
import { numberText } from './number-text.ts';

/** Weight change after pairs of spikes that were repeated at a frequency. */
export interface FrequencyPoint {
  readonly hertz: number;
  /** Post minus pre, in ms; positive or negative. */
  readonly dt: number;
  /** Relative weight change. */
  readonly change: number;
}

export interface FrequencyCurve {
  /** What computed it. */
  readonly name: string;
  readonly points: readonly FrequencyPoint[];
}

export interface MeasuredFrequencyPoint extends FrequencyPoint {
  readonly se: number;
}

const roleOf = (dt: number) => (dt > 0 ? 'post' : 'pre');

/**
 * Weight change against the frequency at which pairs of spikes are repeated, pre before post and post before pre: models
 * as lines, the first one drawn through and others dashed, measurements as dots with ± 1 standard error.
 */
export function frequencyFigure(
  curves: readonly FrequencyCurve[],
  measured: readonly MeasuredFrequencyPoint[],
  options: FigureOptions = {},
): SVGSVGElement {
  const width = options.width ?? DEFAULT_WIDTH;
  const orders = [10, -10] as const;
  const bars = measured.map(({ hertz, dt, change, se }) => ({
    hertz,
    dt,
    low: change - se,
    high: change + se,
    change,
  }));
  return frame(options, {
    label: 'Weight change against the frequency of pairs of spikes',
    description: `Relative weight change of ${curves.map(({ name }) => name).join(' and ')} at ${curves[0]?.points.length ?? 0} protocols, beside ${measured.length} measurements.`,
    panels: [
      {
        legend: [
          { role: 'post', swatch: 'line', label: 'pre 10 ms before post' },
          { role: 'pre', swatch: 'line', label: 'post 10 ms before pre' },
        ],
        note: `lines: ${curves.map(({ name }, index) => `${name}${index === 0 ? '' : ' (dashed)'}`).join(', ')}; dots: measured, ± 1 se`,
        plot: {
          height: Math.round(0.5 * width + 60),
          ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
          x: { inset: 8 },
          y: { nice: true },
          marks: [
            ...axes({ x: 'frequency of pairs (Hz)', y: 'relative weight change', zeroX: false }),
            ...orders.flatMap((dt) => {
              const className = roleOf(dt);
              const here = bars.filter((bar) => bar.dt === dt);
              return [
                ...curves.map(({ points }, index) =>
                  Plot.line(
                    points.filter((point) => point.dt === dt),
                    {
                      ...{ x: 'hertz', y: 'change', className, stroke: 'currentColor', strokeWidth: 1.5 },
                      ...(index === 0 ? {} : { strokeDasharray: '6,3' }),
                    },
                  ),
                ),
                Plot.ruleX(here, { x: 'hertz', y1: 'low', y2: 'high', className, stroke: 'currentColor' }),
                Plot.dot(here, {
                  ...{ x: 'hertz', y: 'change', r: 3, className, fill: 'currentColor' },
                  title: ({ change }: FrequencyPoint) => numberText(change),
                }),
              ];
            }),
          ],
        },
      },
    ],
  });
}
