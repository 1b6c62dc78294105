import type { ExperimentSpec } from '../../src/index.ts';
import { parseNumberPath, withNumbers } from '../../src/stdp/sweep/number-path.ts';
import { defaultState, hashOf } from '../address.ts';
import type { MapLayout } from './map-layout.ts';

/** The experiment of a point, with as many trials as its numbers are of. */
function specOfPoint(layout: MapLayout, point: number, trials: number): ExperimentSpec {
  const { base, axes, replicates } = layout.outline;
  const places = axes.map(({ path }) => parseNumberPath(path)!);
  const spec = withNumbers(base, places, layout.valuesAt(point));
  const seed = spec.seed + (point % replicates);
  return { ...spec, seed, trials: trials > 0 ? trials : spec.trials };
}

/** Address of the curve page with the experiment of a point. */
export function linkOfPoint(layout: MapLayout, point: number, trials: number): string {
  const spec = specOfPoint(layout, point, trials);
  return `./index.html${location.search}${hashOf({ spec, view: defaultState.view })}`;
}
