import * as Plot from '@observablehq/plot';
import type { Trace } from '../stdp/results.ts';
import { axes } from './axis.ts';
import type { FigureOptions } from './figure-options.ts';
import { frame, type LegendEntry, type Panel } from './frame.ts';
import { axisUnit, numberText } from './number-text.ts';
import type { ColourRole } from './theme.ts';

export interface TraceOptions extends FigureOptions {
  readonly msPerStep: number;
}

/**
 * One trial in full (Fig. 3), three panels on one time axis: presynaptic spikes and activity, postsynaptic spikes and
 * activity, and the weight under the spike rule (Eq. 2), which can change at presynaptic spikes only: they go through
 * its panel as faint lines.
 */
export function traceFigure(trace: Trace, options: TraceOptions): SVGSVGElement {
  const { msPerStep } = options;
  const duration = Math.max(1, trace.weight.length) * msPerStep;
  const preTimes = spikeTimes(trace.preSpikes, msPerStep);
  const postTimes = spikeTimes(trace.postSpikes, msPerStep);
  const lastWeight = trace.weight.at(-1) ?? 0;

  const activityPanel = (role: 'pre' | 'post', times: readonly number[], activity: Float64Array): Panel => ({
    legend: [
      { role, swatch: 'ticks', label: `${role}synaptic spikes` },
      { role, swatch: 'line', label: 'activity s' },
    ],
    plot: plotOptions({
      duration,
      name: role === 'pre' ? 's, pre' : 's, post',
      line: samples(activity, msPerStep),
      role,
      curve: 'linear',
      spikes: times,
      last: false,
    }),
  });
  const weightLegend: LegendEntry = { role: 'weight', swatch: 'line', label: 'weight W, spike rule (Eq. 2)' };
  return frame(options, {
    label: `Trace of sequence ${trace.sequence}, trial ${trace.trial}`,
    description:
      `One trial of ${numberText(duration)} ms: ${preTimes.length} presynaptic and ${postTimes.length} postsynaptic ` +
      `spikes; the weight goes from 0 to ${numberText(lastWeight)} under the spike rule (Eq. 2).`,
    panels: [
      activityPanel('pre', preTimes, trace.sPre),
      activityPanel('post', postTimes, trace.sPost),
      {
        legend: [weightLegend],
        plot: plotOptions({
          duration,
          name: 'W',
          // From 0 at the start; the value after step t holds from t on.
          line: [{ ms: 0, value: 0 }, ...samples(trace.weight, msPerStep)],
          role: 'weight',
          curve: 'step-after',
          spikes: preTimes,
          last: true,
        }),
      },
    ],
  });
}

interface Sample {
  readonly ms: number;
  readonly value: number;
}

const PANEL_HEIGHT = 92;
const TIME_AXIS_HEIGHT = 40;
/** Pixels over an activity that are kept for its spikes. */
const SPIKE_HEIGHT = 11;

function plotOptions(panel: {
  readonly duration: number;
  readonly name: string;
  readonly line: readonly Sample[];
  readonly role: ColourRole;
  readonly curve: 'linear' | 'step-after';
  readonly spikes: readonly number[];
  readonly last: boolean;
}): Panel['plot'] {
  const { role, last } = panel;
  const unit = axisUnit(Math.max(0, ...panel.line.map(({ value }) => Math.abs(value))));
  const height = PANEL_HEIGHT + (last ? TIME_AXIS_HEIGHT : 0);
  const margins = { marginTop: 6, marginRight: 14, marginBottom: last ? TIME_AXIS_HEIGHT + 6 : 6, marginLeft: 62 };
  const spikes = last
    ? Plot.ruleX(panel.spikes, { className: 'pre spikes', stroke: 'currentColor', strokeOpacity: 0.25 })
    : Plot.ruleX(panel.spikes, {
        ...{ className: `${role} spikes`, stroke: 'currentColor', strokeWidth: 1.5 },
        insetBottom: height - margins.marginTop - margins.marginBottom - SPIKE_HEIGHT,
      });
  return {
    height,
    ...margins,
    // Without `axis: null`, Plot adds the axis that is left to the last panel.
    x: { domain: [0, panel.duration], ...(last ? {} : { axis: null }) },
    y: { transform: (value: number) => value * unit.factor, insetTop: last ? 3 : SPIKE_HEIGHT + 5, insetBottom: 3 },
    marks: [
      ...axes({ x: last ? 'time (ms)' : null, y: `${panel.name}${unit.suffix}`, yTicks: 3, zeroX: false }),
      spikes,
      Plot.line(panel.line, {
        ...{ x: 'ms', y: 'value', curve: panel.curve, className: role },
        ...{ stroke: 'currentColor', strokeWidth: 1.5 },
      }),
    ],
  };
}

function spikeTimes(spikes: Uint8Array, msPerStep: number): number[] {
  return Array.from(spikes, (spike, step) => (spike === 1 ? step * msPerStep : -1)).filter((ms) => ms >= 0);
}

function samples(values: Float64Array, msPerStep: number): Sample[] {
  return Array.from(values, (value, step) => ({ ms: step * msPerStep, value }));
}
