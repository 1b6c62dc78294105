import * as Plot from '@observablehq/plot';
import type { LoopResult } from '../stdp/closed-loop/loop-results.ts';
import type { LoopSpec } from '../stdp/closed-loop/loop-spec.ts';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame } from './frame.ts';

/** How many trials have which weight at which step, as a map; the darker, the more. */
export function loopWeightsFigure(
  { points }: LoopResult,
  { low, high, bins, every }: LoopSpec['record'],
  options: FigureOptions = {},
): SVGSVGElement {
  const width = options.width ?? DEFAULT_WIDTH;
  const size = (high - low) / bins;
  const cells = points.flatMap(({ t, weights }) => {
    const trials = weights.reduce((sum, count) => sum + count, 0);
    // Its first and last entries are trials below and above all bins.
    return Array.from({ length: bins }, (_, bin) => ({
      ...{ t1: t, t2: t + every, w1: low + bin * size, w2: low + (bin + 1) * size },
      share: (weights[bin + 1] ?? 0) / trials,
    }));
  });
  const taken = cells.filter(({ share }) => share > 0);
  // From 0, whose line every figure has.
  const span = taken.reduce(([from, to], { w1, w2 }) => [Math.min(from, w1), Math.max(to, w2)] as const, [
    0, 0,
  ] as readonly [number, number]);
  return frame(options, {
    label: 'Distribution of the weights over time',
    description: `Share of trials by weight, from ${span[0].toFixed(2)} to ${span[1].toFixed(2)}, at ${points.length} times.`,
    panels: [
      {
        legend: [{ role: 'weight', swatch: 'band', label: 'weights of all trials' }],
        plot: {
          height: Math.round(0.36 * width + 60),
          ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
          y: { domain: [...span] },
          marks: [
            ...axes({ x: 'step', y: 'W' }),
            Plot.rect(taken, {
              ...{ x1: 't1', x2: 't2', y1: 'w1', y2: 'w2', className: 'weight', fill: 'currentColor' },
              fillOpacity: ({ share }: { share: number }) => Math.sqrt(share),
            }),
          ],
        },
      },
    ],
  });
}
