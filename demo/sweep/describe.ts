import { numberText } from '../../src/figures/number-text.ts';
import { countText } from '../elements.ts';
import type { CellValues } from './cell-values.ts';
import type { MapLayout } from './map-layout.ts';
import { measureTexts } from './measure-texts.ts';
import type { SweepResults } from './results.ts';

/** Where a point is: `post.epsilon = 0.1, pre.peak = 0.2`. */
export function placeText(layout: MapLayout, point: number): string {
  const { axes, replicates } = layout.outline;
  const values = layout.valuesAt(point).map((value, axis) => `${axes[axis]!.path} = ${numberText(value, 4)}`);
  if (replicates > 1 && layout.slice.replicate !== 'mean') values.push(`replicate ${point % replicates}`);
  return values.join(', ') || 'the base';
}

/** What is known of a cell: `0.0123 ± 0.0004 ΔW, 200 trials`. */
export function cellText(cells: CellValues, results: SweepResults, cell: number): string {
  const { outline } = cells.layout;
  const { unit } = measureTexts[cells.measure];
  const point = cells.layout.pointAt(cell);
  const trials = results.trials[point]!;
  if (trials === 0) return 'not finished yet';
  const value = cells.values[cell]!;
  if (Number.isNaN(value)) return `the data do not determine it, ${countText(trials)} trials`;
  const error = cells.errors[cell]!;
  const spread = Number.isNaN(error) ? '' : ` ± ${numberText(error, 2)}`;
  const many = outline.replicates > 1 && cells.layout.slice.replicate === 'mean';
  return `${numberText(value, 4)}${spread} ${unit}, ${many ? `mean of ${outline.replicates} replicates` : `${countText(trials)} trials`}`;
}

/** What the figure shows, for readers who do not see it. */
export function describeCells(cells: CellValues, results: SweepResults): string {
  const { layout, measure } = cells;
  const over = [layout.x?.path, layout.y?.path].filter((path) => path !== undefined).join(' and ');
  const head = `${measureTexts[measure].title}${over === '' ? '' : ` over ${over}`}, ${countText(results.done)} of ${countText(layout.outline.points)} points finished.`;
  const extremes = cells.extremes();
  if (!extremes) return head;
  const at = (cell: number) => `${numberText(cells.values[cell]!)} at ${placeText(layout, layout.pointAt(cell))}`;
  return `${head} Lowest ${at(extremes.least)}; highest ${at(extremes.most)}.`;
}
