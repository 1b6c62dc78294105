import type { ExperimentSpec } from '../src/index.ts';
import { parameterGroups } from '../src/live/parameters.ts';
import { Slider } from '../src/live/slider.ts';
import { element } from './elements.ts';

/** The sliders of the page, for one experiment at a time. */
export class Sliders {
  readonly #all: readonly Slider[];

  /** @param onChange told of the experiment that a slider makes, and which slider it was. */
  constructor(onChange: (change: (spec: ExperimentSpec) => ExperimentSpec, id: string) => void) {
    this.#all = Object.entries(parameterGroups).flatMap(([place, parameters]) =>
      parameters.map((parameter) => {
        const slider = new Slider(parameter, (value) => onChange((spec) => parameter.write(spec, value), parameter.id));
        element(place, HTMLElement).append(slider.row);
        return slider;
      }),
    );
  }

  show(spec: ExperimentSpec): void {
    for (const slider of this.#all) slider.show(spec);
  }
}
