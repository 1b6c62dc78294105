import type { ExperimentSpec } from '../stdp/spec.ts';
import { make } from './make.ts';
import type { Parameter } from './parameters.ts';

/** A slider that moves over a list of values, which need not be equally far apart. */
export class Slider {
  readonly row: HTMLElement;
  readonly #parameter: Parameter;
  readonly #input: HTMLInputElement;
  readonly #output: HTMLOutputElement;
  #stops: readonly number[] = [];

  constructor(parameter: Parameter, onInput: (value: number) => void) {
    const { id, label, hint } = parameter;
    this.#parameter = parameter;
    this.#input = make('input', { id, type: 'range', min: '0', step: '1', 'aria-describedby': `${id}-hint` });
    this.#output = make('output', { for: id, id: `${id}-value` });
    this.row = make(
      'div',
      { class: 'slider' },
      make('label', { for: id }, label),
      this.#output,
      this.#input,
      make('p', { class: 'hint', id: `${id}-hint` }, hint),
    );
    this.#input.addEventListener('input', () => {
      const value = this.#stops[this.#input.valueAsNumber];
      if (value !== undefined) onInput(value);
    });
  }

  show(spec: ExperimentSpec): void {
    const { read, stops, format } = this.#parameter;
    const values = read(spec);
    this.row.hidden = values.length === 0;
    const [first] = values;
    if (first === undefined) return;
    this.#stops = stops(spec);
    this.#input.max = String(this.#stops.length - 1);
    const position = nearest(this.#stops, first);
    this.#input.value = String(position);
    const [text, spoken] = valueTexts(values, (value) => format(value, spec));
    this.#input.setAttribute('aria-valuetext', spoken);
    this.#output.value = text;
    const share = this.#stops.length > 1 ? position / (this.#stops.length - 1) : 0;
    this.#input.style.setProperty('--share', `${share * 100}%`);
  }
}

/** What is shown and what is spoken: of two values, only the numbers, for there is no room for their explanations. */
function valueTexts(values: readonly number[], format: (value: number) => string): readonly [string, string] {
  const texts = values.map(format);
  const [pre = '', post] = texts.length > 1 ? texts.map((text) => text.split(',')[0] ?? text) : texts;
  return post === undefined ? [pre, pre] : [`${pre} | ${post}`, `pre ${pre}, post ${post}`];
}

/** Index of the stop next to a value, which came from an address and may lie between two. */
function nearest(stops: readonly number[], value: number): number {
  let best = 0;
  for (const [index, stop] of stops.entries()) {
    if (Math.abs(stop - value) < Math.abs(stops[best]! - value)) best = index;
  }
  return best;
}
