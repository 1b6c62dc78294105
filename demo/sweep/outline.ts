import { parseSweep, type SweepPlan, version } from '../../src/index.ts';
import { axisGroups } from '../../src/stdp/sweep/axes.ts';
import type { ScalarMeasure } from '../../src/stdp/sweep/measure-names.ts';
import type { AxisSpec } from '../../src/stdp/sweep/sweep-spec.ts';
import { sweepTrialSteps } from '../../src/stdp/sweep/workload.ts';
import type { AxisOutline, SweepOutline } from './messages.ts';

/** Checks a sweep and outlines it. @throws EngineError `invalid-spec` */
export async function outlineOf(input: unknown): Promise<{ readonly plan: SweepPlan; readonly outline: SweepOutline }> {
  const plan = parseSweep(input);
  const { spec, points } = plan;
  const groups = axisGroups(spec).map(({ axes, length }) => ({ axes, length }));
  const outline: SweepOutline = {
    name: await journalName(plan),
    points,
    replicates: spec.replicates,
    trialSteps: sweepTrialSteps(plan),
    axes: axesOf(plan, groups),
    groups,
    measures: spec.measures.filter((name): name is ScalarMeasure => name !== 'curve'),
    curves: spec.measures.includes('curve'),
    until: spec.until,
    base: spec.base,
  };
  return { plan, outline };
}

/**
 * The journal of a sweep is found by what the sweep says, and by the version of this package: another version's
 * numbers are kept beside it and never mixed with it.
 */
async function journalName({ spec }: SweepPlan): Promise<string> {
  const text = new TextEncoder().encode(`${version}\n${JSON.stringify(spec)}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function axesOf(plan: SweepPlan, groups: SweepOutline['groups']): AxisOutline[] {
  const { axes, replicates } = plan.spec;
  const outlines: AxisOutline[] = [];
  let stride = replicates;
  for (const { axes: members, length } of groups.toReversed()) {
    const columns = members.map(() => new Float64Array(length));
    for (let position = 0; position < length; position++) {
      const { values } = plan.pointAt(position * stride);
      members.forEach((axis, member) => {
        columns[member]![position] = values[axis]!;
      });
    }
    members.forEach((axis, member) => {
      const path = plan.paths[axis]!;
      outlines[axis] = { path, values: columns[member]!, logarithmic: isLogarithmic(axes[path]!, columns[member]!) };
    });
    stride *= length;
  }
  return outlines;
}

/** What the axis says of itself; of a list, whether its values lie more evenly by their ratios. */
function isLogarithmic(axis: AxisSpec, values: Float64Array): boolean {
  if (!Array.isArray(axis)) return 'logspace' in axis || 'loguniform' in axis;
  if (values.length < 3 || values.some((value) => value <= 0)) return false;
  const sorted = values.toSorted();
  return evenness(sorted.map(Math.log)) > evenness(sorted);
}

/** Smallest distance of neighbours in the mean one. */
function evenness(sorted: Float64Array): number {
  const distances = Array.from(sorted.subarray(1), (value, index) => value - sorted[index]!);
  return (Math.min(...distances) * distances.length) / (sorted.at(-1)! - sorted[0]!);
}
