import { make } from '../elements.ts';

/** A number that a slider sets. */
export interface Range {
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  readonly min: number;
  readonly max: number;
  /** Steps of the slider from min to max. */
  readonly steps: number;
  readonly value: number;
  /** Equal ratios rather than equal distances; 0 stands below `min` where `zero` is set. */
  readonly logarithmic?: boolean;
  readonly zero?: boolean;
  readonly integer?: boolean;
}

/** One of several names. */
export interface Choice {
  readonly key: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly value: string;
  /** The choice is there only where another control has a value. */
  readonly onlyWith?: { readonly key: string; readonly value: string };
}

export type Settings = Readonly<Record<string, number | string>>;

/** Sliders and choices whose values the address holds, after `#`. */
export class Controls {
  readonly #place: HTMLElement;
  readonly #controls: readonly (Range | Choice)[];
  readonly #onChange: (settings: Settings) => void;
  #settings: Record<string, number | string> = {};
  /** Choices that are not always there. */
  #conditional: { readonly element: HTMLElement; readonly key: string; readonly value: string }[] = [];

  constructor(place: HTMLElement, controls: readonly (Range | Choice)[], onChange: (settings: Settings) => void) {
    this.#place = place;
    this.#controls = controls;
    this.#onChange = onChange;
    this.#read();
    addEventListener('hashchange', () => {
      this.#read();
      onChange(this.#settings);
    });
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Back to what the page begins with. */
  reset(): void {
    for (const { key, value } of this.#controls) this.#settings[key] = value;
    this.#show();
    this.#changed();
  }

  #read(): void {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const control of this.#controls) this.#settings[control.key] = valueFrom(control, given.get(control.key));
    this.#show();
  }

  #show(): void {
    this.#conditional = [];
    this.#place.replaceChildren(
      ...this.#controls.map((control) => ('options' in control ? this.#choice(control) : this.#slider(control))),
    );
    this.#hideUnused();
  }

  #hideUnused(): void {
    for (const { element, key, value } of this.#conditional) element.hidden = this.#settings[key] !== value;
  }

  #changed(): void {
    this.#hideUnused();
    const different = this.#controls.filter(({ key, value }) => this.#settings[key] !== value);
    const hash = new URLSearchParams(different.map(({ key }) => [key, String(this.#settings[key])])).toString();
    history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`);
    this.#onChange(this.#settings);
  }

  #slider(range: Range): HTMLElement {
    const id = `slider-${range.key}`;
    const input = make('input', { id, type: 'range', min: '0', max: String(range.steps), step: '1' });
    const output = make('output', { for: id });
    const label = make('label', { for: id }, range.label);
    const show = () => {
      const value = this.#settings[range.key] as number;
      input.value = String(placeOf(range, value));
      input.style.setProperty('--share', `${(100 * Number(input.value)) / range.steps}%`);
      output.textContent = String(value);
      input.setAttribute('aria-valuetext', String(value));
    };
    input.addEventListener('input', () => {
      this.#settings[range.key] = valueAt(range, Number(input.value));
      show();
      this.#changed();
    });
    show();
    return make('div', { class: 'slider' }, label, output, input, make('span', { class: 'hint' }, range.hint));
  }

  #choice(choice: Choice): HTMLElement {
    const id = `choice-${choice.key}`;
    const select = make('select', { id, class: 'field' });
    for (const [value, label] of choice.options) select.append(make('option', { value }, label));
    select.value = String(this.#settings[choice.key]);
    select.addEventListener('change', () => {
      this.#settings[choice.key] = select.value;
      this.#changed();
    });
    const element = make('div', { class: 'choice' }, make('label', { for: id }, choice.label), select);
    if (choice.onlyWith) this.#conditional.push({ element, ...choice.onlyWith });
    return element;
  }
}

/** What the address says of a control, if that is one of its values. */
function valueFrom(control: Range | Choice, text: string | null): number | string {
  if (text === null) return control.value;
  if ('options' in control) return control.options.some(([value]) => value === text) ? text : control.value;
  const value = Number(text);
  const isZero = control.zero === true && value === 0;
  const fits = text.trim() !== '' && value >= control.min && value <= control.max;
  if (!isZero && !fits) return control.value;
  return control.integer && !Number.isInteger(value) ? control.value : value;
}

function valueAt({ min, max, steps, logarithmic, zero, integer }: Range, place: number): number {
  if (zero && place === 0) return 0;
  const share = place / steps;
  const value = logarithmic ? min * (max / min) ** share : min + (max - min) * share;
  return integer ? Math.round(value) : Number(value.toPrecision(3));
}

function placeOf({ min, max, steps, logarithmic, zero }: Range, value: number): number {
  if (zero && value === 0) return 0;
  const share = logarithmic ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.round(steps * share);
}
