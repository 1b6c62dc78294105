import * as Plot from '@observablehq/plot';
import type { LoopResult } from '../stdp/closed-loop/loop-results.ts';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame } from './frame.ts';
import { axisUnit, signedText } from './number-text.ts';

/**
 * What learning does to the mean squared rate of change (STDP paper §5.1), E[ṡ²] with learning minus without over time
 * with ± 2 standard errors, and the weights with ± 1 standard deviation over trials.
 */
export function closedLoopFigure({ points, total }: LoopResult, options: FigureOptions = {}): SVGSVGElement {
  const differences = points.map(({ t, steps, difference, se }) => {
    const reach = 2 * (se ?? 0);
    return { t: t + steps / 2, difference, low: difference - reach, high: difference + reach };
  });
  const weights = points.map(({ t, weightMean, weightSd }) => ({
    ...{ t, weight: weightMean },
    ...{ low: weightMean - weightSd, high: weightMean + weightSd },
  }));
  const unit = axisUnit(differences.reduce((most, { low, high }) => Math.max(most, Math.abs(low), Math.abs(high)), 0));
  const weightUnit = axisUnit(
    weights.reduce((most, { low, high }) => Math.max(most, Math.abs(low), Math.abs(high)), 0),
  );
  const width = options.width ?? DEFAULT_WIDTH;
  const shape = {
    height: Math.round(0.36 * width + 60),
    ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
  };
  const percent = (value: number) => signedText((100 * value) / total.plain);
  const share =
    total.plain > 0
      ? `${percent(total.difference)} ± ${percent(total.se ?? 0).replace('+', '')} % over all steps`
      : undefined;
  return frame(options, {
    label: 'Effect of learning on the squared rate of change',
    description: `Mean squared rate of change with learning minus without${share ? `, ${share}` : ''}, and the mean weight over time.`,
    panels: [
      {
        legend: [{ role: 'data', swatch: 'line', label: 'E[ṡ²] with learning − without' }],
        ...(share ? { note: share } : {}),
        plot: {
          ...shape,
          y: { transform: (value: number) => value * unit.factor, nice: true },
          marks: [
            ...axes({ x: 'step', y: `difference${unit.suffix}` }),
            Plot.areaY(differences, {
              ...{ x: 't', y1: 'low', y2: 'high', className: 'data band' },
              ...{ fill: 'currentColor', fillOpacity: 0.25 },
            }),
            Plot.line(differences, { x: 't', y: 'difference', className: 'data', stroke: 'currentColor' }),
          ],
        },
      },
      {
        legend: [{ role: 'weight', swatch: 'line', label: 'weight, ± 1 sd over trials' }],
        plot: {
          ...shape,
          y: { transform: (value: number) => value * weightUnit.factor, nice: true },
          marks: [
            ...axes({ x: 'step', y: `W${weightUnit.suffix}` }),
            Plot.areaY(weights, {
              ...{ x: 't', y1: 'low', y2: 'high', className: 'weight band' },
              ...{ fill: 'currentColor', fillOpacity: 0.25 },
            }),
            Plot.line(weights, { x: 't', y: 'weight', className: 'weight', stroke: 'currentColor' }),
          ],
        },
      },
    ],
  });
}

/** One closed loop of a grid. */
export interface LoopGridPoint {
  readonly epsilon: number;
  readonly eta: number;
  readonly initialWeight: number;
  /** (E[ṡ²] with learning − without) / without, and its standard error. */
  readonly change: number;
  readonly se: number;
}

const roles = ['pre', 'post', 'weight'] as const;

/** The relative change of E[ṡ²] by learning against η, a panel for each ε, a line for each of up to three weights. */
export function loopGridFigure(points: readonly LoopGridPoint[], options: FigureOptions = {}): SVGSVGElement {
  const distinct = (value: (point: LoopGridPoint) => number) => [...new Set(points.map(value))];
  const weights = distinct(({ initialWeight }) => initialWeight).slice(0, roles.length);
  const width = options.width ?? DEFAULT_WIDTH;
  const unit = axisUnit(100 * points.reduce((most, { change, se }) => Math.max(most, Math.abs(change) + 2 * se), 0));
  const percent = (value: number) => 100 * value * unit.factor;
  return frame(options, {
    label: 'Effect of learning on the squared rate of change, by learning rate, leak and initial weight',
    description: `Relative change of the mean squared rate of change at ${points.length} combinations.`,
    panels: distinct(({ epsilon }) => epsilon).map((epsilon, panel) => ({
      legend: panel === 0 ? weights.map((w, i) => ({ role: roles[i]!, swatch: 'line', label: `W(0) = ${w}` })) : [],
      note: `ε = ${epsilon}`,
      plot: {
        height: Math.round(0.3 * width + 60),
        ...{ marginTop: 10, marginRight: 14, marginBottom: 46, marginLeft: 62 },
        x: { type: 'log' as const, inset: 12 },
        y: { nice: true },
        marks: [
          ...axes({ x: 'learning rate η', y: `change of E[ṡ²], %${unit.suffix}`, xTicks: 3, zeroX: false }),
          ...weights.flatMap((initialWeight, i) => {
            const line = points
              .filter((point) => point.epsilon === epsilon && point.initialWeight === initialWeight)
              .map(({ eta, change, se }) => ({
                ...{ eta, change: percent(change) },
                ...{ low: percent(change - 2 * se), high: percent(change + 2 * se) },
              }));
            const className = roles[i]!;
            return [
              Plot.ruleX(line, { x: 'eta', y1: 'low', y2: 'high', className, stroke: 'currentColor' }),
              Plot.line(line, { x: 'eta', y: 'change', className, stroke: 'currentColor' }),
              Plot.dot(line, { x: 'eta', y: 'change', className, fill: 'currentColor', r: 2.5 }),
            ];
          }),
        ],
      },
    })),
  });
}
