import * as Plot from '@observablehq/plot';
import type { EarlyInference, LayerMotion } from '../energy/checks/early-inference.ts';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame } from './frame.ts';
import { axisUnit } from './number-text.ts';

/** Bars of a unit stand this far to either side of its place. */
const SIDE = 0.18;

/**
 * The first motion of every layer's units beside what back-propagation computes, bar by bar (early-inference paper,
 * Eq. 25): Δh_k / ε^(k+1) and −∂C/∂h_k.
 */
export function earlyInferenceFigure({ layers }: EarlyInference, options: FigureOptions = {}): SVGSVGElement {
  const width = options.width ?? DEFAULT_WIDTH;
  return frame(options, {
    label: 'First motion of each layer beside the back-propagated gradient',
    description: layers.map((layer) => `${nameOf(layer)}: cosine ${cosineOf(layer).toFixed(4)}.`).join(' '),
    panels: layers.map((layer, panel) => {
      const { motion, descent } = layer;
      const unit = axisUnit(Math.max(...[...motion, ...descent].map(Math.abs)));
      const bars = (values: Float64Array, side: number) =>
        Array.from(values, (value, i) => ({ unit: i + 1 + side * SIDE, value: value * unit.factor }));
      const thickness = Math.max(2, Math.min(12, (width - 90) / motion.length / 3));
      const bar = (values: Float64Array, side: number, className: string) =>
        Plot.ruleX(bars(values, side), {
          ...{ x: 'unit', y1: 0, y2: 'value', className },
          ...{ stroke: 'currentColor', strokeWidth: thickness },
        });
      return {
        legend:
          panel === 0
            ? [
                { role: 'data', swatch: 'ticks', label: 'first motion Δh / εᵏ⁺¹' },
                { role: 'expected', swatch: 'ticks', label: 'back-propagation −∂C/∂h' },
              ]
            : [],
        note: `${nameOf(layer)}, at step ${layer.k + 1}: cosine ${cosineOf(layer).toFixed(4)}`,
        plot: {
          height: 150,
          ...{ marginTop: 8, marginRight: 14, marginBottom: panel === layers.length - 1 ? 44 : 26, marginLeft: 62 },
          x: { domain: [0.4, motion.length + 0.6] },
          y: { nice: true },
          marks: [
            ...axes({
              x: panel === layers.length - 1 ? 'unit' : '',
              y: `change${unit.suffix}`,
              xTicks: Math.min(motion.length, 10),
              yTicks: 3,
              zeroX: false,
            }),
            bar(motion, -1, 'data'),
            bar(descent, 1, 'expected'),
          ],
        },
      };
    }),
  });
}

/** What a layer is called, from the output back. */
function nameOf({ k }: LayerMotion): string {
  return k === 0 ? 'Output' : `Hidden layer ${k} behind the output`;
}

function cosineOf({ motion, descent }: LayerMotion): number {
  const dot = motion.reduce((sum, value, i) => sum + value * descent[i]!, 0);
  return dot / (Math.hypot(...motion) * Math.hypot(...descent));
}
