import * as Plot from '@observablehq/plot';
import type { Settling } from '../energy/checks/settling.ts';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { DEFAULT_WIDTH, frame, type Panel } from './frame.ts';
import { numberText } from './number-text.ts';

const PANEL_HEIGHT = 104;
const TIME_AXIS_HEIGHT = 34;

/**
 * How an energy-based network comes to rest: the states of its free units, its energy, and J = ½ ‖ṡ‖², which is 0 at a
 * fixed point; all over the steps of inference.
 */
export function settlingFigure(settling: Settling, options: FigureOptions = {}): SVGSVGElement {
  const { states, energies, costs } = settling;
  const steps = energies.length - 1;
  const layers = states[0]!.length;
  const lines = states.flatMap((ofStep, t) =>
    ofStep
      .slice(1)
      .flatMap((layer, k) =>
        Array.from(layer, (s, i) => ({ t, s, unit: `${k}:${i}`, role: k === layers - 2 ? 'post' : 'pre' })),
      ),
  );
  const ofRole = (wanted: string) => lines.filter(({ role }) => role === wanted);
  const stateLine = (role: 'pre' | 'post') =>
    Plot.line(ofRole(role), {
      ...{ x: 't', y: 's', z: 'unit', className: role },
      ...{ stroke: 'currentColor', strokeWidth: 1.1, strokeOpacity: 0.8 },
    });
  const series = (values: readonly number[]) =>
    Plot.line(
      values.map((value, t) => ({ t, value })),
      { x: 't', y: 'value', className: 'weight', stroke: 'currentColor', strokeWidth: 1.75 },
    );
  const plot = (name: string, marks: Plot.Markish[], last: boolean): Panel['plot'] => ({
    height: PANEL_HEIGHT + (last ? TIME_AXIS_HEIGHT : 0),
    ...{ marginTop: 8, marginRight: 14, marginBottom: last ? 12 + TIME_AXIS_HEIGHT : 12, marginLeft: 62 },
    // Without `axis: null`, Plot adds the axis that is left to the last panel.
    x: { domain: [0, steps], ...(last ? {} : { axis: null }) },
    y: { insetTop: 3, insetBottom: 3 },
    marks: [
      ...axes({ x: last ? 'step of inference' : null, y: name, yTicks: 3, zeroX: false, zeroY: false }),
      ...marks,
    ],
  });
  return frame(
    { ...options, width: options.width ?? DEFAULT_WIDTH },
    {
      label: 'How the network settles: states, energy and squared rate of change',
      description:
        `In ${steps} steps with leak ${numberText(settling.epsilon)} the energy falls from ${numberText(energies[0]!)} ` +
        `to ${numberText(energies.at(-1)!)}, and half the squared rate of change of all units from ` +
        `${numberText(costs[0]!)} to ${numberText(costs.at(-1)!)}.`,
      panels: [
        {
          legend: [
            { role: 'pre', swatch: 'line', label: 'hidden units' },
            { role: 'post', swatch: 'line', label: 'output units' },
          ],
          plot: plot('state s', [stateLine('pre'), stateLine('post')], false),
        },
        {
          legend: [{ role: 'weight', swatch: 'line', label: 'energy' }],
          plot: plot('E(s)', [series(energies)], false),
        },
        {
          legend: [{ role: 'weight', swatch: 'line', label: 'J = ½ ‖ṡ‖²' }],
          plot: plot('log₁₀ J', [series(costs.map(Math.log10))], true),
        },
      ],
    },
  );
}
