import { numberText } from '../../src/figures/number-text.ts';
import { element, make } from '../elements.ts';
import type { Slice } from './map-layout.ts';
import type { SweepOutline } from './messages.ts';

/** Chooses the axes of the figure, and values of all others. */
export class SliceForm {
  readonly #onChange: (slice: Slice) => void;
  readonly #x = element('x-axis', HTMLSelectElement);
  readonly #y = element('y-axis', HTMLSelectElement);
  readonly #replicate = element('replicate', HTMLSelectElement);
  readonly #filters = element('filters', HTMLElement);
  #outline: SweepOutline | undefined;
  #fixed: number[] = [];

  constructor(onChange: (slice: Slice) => void) {
    this.#onChange = onChange;
    for (const [axis, other] of [
      [this.#x, this.#y],
      [this.#y, this.#x],
    ] as const) {
      axis.addEventListener('change', () => {
        // The axis that the other one has is taken over from it.
        if (axis.value === other.value && axis.value !== '') {
          const free = [...other.options].find(({ value }) => value !== '' && value !== axis.value);
          other.value = free?.value ?? '';
        }
        this.#changed();
      });
    }
    this.#replicate.addEventListener('change', () => this.#changed());
  }

  /** @returns the slice of a sweep that is shown first */
  show(outline: SweepOutline, wanted: { readonly x: string | undefined; readonly y: string | undefined }): Slice {
    this.#outline = outline;
    const { axes, groups, replicates } = outline;
    const indexOf = (path: string | undefined) => axes.findIndex((axis) => axis.path === path);
    const many = axes.map((_, index) => index).filter((index) => (axes[index]?.values.length ?? 0) > 1);
    const order = [...many, ...axes.map((_, index) => index).filter((index) => !many.includes(index))];
    const x = indexOf(wanted.x) >= 0 ? indexOf(wanted.x) : order[0];
    const rest = order.filter((index) => index !== x);
    // Axes that move together would make a line of the map: the second axis is one that does not, where there is one.
    const apart = rest.filter(
      (index) => !groups.some(({ axes: members }) => members.includes(index) && members.includes(x!)),
    );
    const y = indexOf(wanted.y) >= 0 && indexOf(wanted.y) !== x ? indexOf(wanted.y) : (apart[0] ?? rest[0]);
    const options = () => axes.map(({ path }, index) => make('option', { value: String(index) }, path));
    this.#x.replaceChildren(...options());
    this.#y.replaceChildren(make('option', { value: '' }, 'none'), ...options());
    this.#x.value = x === undefined ? '' : String(x);
    this.#y.value = y === undefined ? '' : String(y);
    element('axis-choice', HTMLElement).hidden = axes.length < 2;
    this.#fixed = groups.map(({ length }) => Math.floor((length - 1) / 2));
    this.#replicate.replaceChildren(
      make('option', { value: 'mean' }, 'mean of all'),
      // Of more, a list would be no help.
      ...Array.from({ length: Math.min(replicates, 100) }, (_, n) => make('option', { value: String(n) }, String(n))),
    );
    element('replicate-choice', HTMLElement).hidden = replicates === 1;
    this.#showFilters();
    return this.slice;
  }

  get slice(): Slice {
    const axisOf = (select: HTMLSelectElement) => (select.value === '' ? undefined : Number(select.value));
    return {
      x: axisOf(this.#x),
      y: axisOf(this.#y),
      fixed: [...this.#fixed],
      replicate:
        this.#outline?.replicates === 1 || this.#replicate.value === 'mean' ? 'mean' : Number(this.#replicate.value),
    };
  }

  #changed(): void {
    this.#showFilters();
    this.#onChange(this.slice);
  }

  /** A slider for every group of axes that the figure does not show. */
  #showFilters(): void {
    const { axes, groups } = this.#outline!;
    const { x, y } = this.slice;
    const rows = groups.flatMap((group, index) => {
      if (group.axes.some((axis) => axis === x || axis === y) || group.length === 1) return [];
      const id = `filter-${index}`;
      const slider = make('input', { id, type: 'range', min: '0', max: String(group.length - 1), step: '1' });
      const output = make('output', { for: id });
      const show = () => {
        const values = group.axes.map((axis) => numberText(axes[axis]!.values[this.#fixed[index]!]!));
        output.value = values.join(', ');
        slider.setAttribute('aria-valuetext', output.value);
        slider.style.setProperty('--share', `${(100 * this.#fixed[index]!) / (group.length - 1)}%`);
      };
      slider.value = String(this.#fixed[index]);
      slider.addEventListener('input', () => {
        this.#fixed[index] = slider.valueAsNumber;
        show();
        this.#onChange(this.slice);
      });
      show();
      const name = group.axes.map((axis) => axes[axis]!.path).join(', ');
      return [make('div', { class: 'slider' }, make('label', { for: id }, name), output, slider)];
    });
    element('filter-rows', HTMLElement).replaceChildren(...rows);
    this.#filters.hidden = rows.length === 0;
  }
}
