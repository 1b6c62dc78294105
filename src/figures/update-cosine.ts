import * as Plot from '@observablehq/plot';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame } from './frame.ts';

/** Cosine of an update with −dC/dW after some steps of the nudged phase. */
export interface UpdateCosine {
  readonly layer: number | 'total';
  readonly steps: number;
  readonly cosine: number | null;
}

const ROLES = ['pre', 'post', 'weight', 'biology'] as const;

/** How the update of the STDP-compatible rule comes to agree with the gradient, by steps of the nudged phase. */
export function updateCosineFigure(cosines: readonly UpdateCosine[], options: FigureOptions = {}): SVGSVGElement {
  const width = options.width ?? DEFAULT_WIDTH;
  const layers = [...new Set(cosines.map(({ layer }) => layer))].slice(0, ROLES.length);
  const lines = layers.map((layer, k) => ({
    role: ROLES[k]!,
    label: layer === 'total' ? 'all weights' : `weights ${layer}`,
    points: cosines
      .filter((of) => of.layer === layer && of.cosine !== null)
      .map(({ steps, cosine }) => ({ steps, cosine }))
      .sort((a, b) => a.steps - b.steps),
  }));
  return frame(options, {
    label: 'Cosine of the update with the gradient by steps of the nudged phase',
    description: lines
      .map(({ label, points }) => `${label}: ${points.at(-1)?.cosine?.toFixed(4) ?? 'none'} in the end.`)
      .join(' '),
    panels: [
      {
        legend: lines.map(({ role, label }) => ({ role, swatch: 'line', label })),
        plot: {
          height: Math.round(0.5 * width + 40),
          ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
          x: { type: 'log', inset: 10 },
          y: { nice: true },
          marks: [
            ...axes({ x: 'steps of the nudged phase', y: 'cosine with −dC/dW', xTicks: 4, zeroX: false, zeroY: false }),
            Plot.ruleY([1], { strokeOpacity: 0.45 }),
            ...lines.flatMap(({ role, points }) => [
              Plot.line(points, { x: 'steps', y: 'cosine', className: role, stroke: 'currentColor' }),
              Plot.dot(points, { x: 'steps', y: 'cosine', className: role, fill: 'currentColor', r: 2.5 }),
            ]),
          ],
        },
      },
    ],
  });
}
