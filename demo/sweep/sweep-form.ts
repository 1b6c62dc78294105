import { measureNames, measuresWithError } from '../../src/stdp/sweep/measure-names.ts';
import { element, make } from '../elements.ts';
import { AxisRow, numberOrText } from './axis-row.ts';
import { measureTexts } from './measure-texts.ts';
import type { Refusal } from './messages.ts';

/** A sweep as it is written: nothing of it is checked yet. */
export type SweepInput = Readonly<Record<string, unknown>>;

/** Numbers of the base that have a field, by the id of the field. */
const baseFields = { sequences: 'sequences', steps: 'steps', trials: 'trials', seed: 'seed' } as const;

const isRecord = (value: unknown): value is SweepInput =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const input = (id: string) => element(id, HTMLInputElement);

/** The fields that make a sweep. What they do not show of it stays as it is. */
export class SweepForm {
  readonly #onChange: (sweep: SweepInput) => void;
  readonly #axes = element('axes', HTMLElement);
  readonly #json = element('sweep-json', HTMLTextAreaElement);
  readonly #measures: readonly HTMLInputElement[];
  #rows: AxisRow[] = [];
  #made = 0;
  #sweep: SweepInput = {};

  constructor(onChange: (sweep: SweepInput) => void, onJson: (text: string) => void) {
    this.#onChange = onChange;
    const measures = element('measures', HTMLElement);
    this.#measures = measureNames.map((name) => {
      const box = make('input', { type: 'checkbox', value: name });
      const title = name === 'curve' ? 'The whole curve' : measureTexts[name].title;
      measures.append(make('label', { class: 'toggle' }, box, make('span', {}, title)));
      return box;
    });
    const untilMeasure = element('until-measure', HTMLSelectElement);
    for (const name of measuresWithError) {
      untilMeasure.append(make('option', { value: name }, measureTexts[name].title));
    }
    element('controls', HTMLFormElement).addEventListener('input', ({ target }) => {
      if (target === this.#json) onJson(this.#json.value);
      else if (!this.#axes.contains(target as Node)) this.#changed();
    });
    element('add-axis', HTMLButtonElement).addEventListener('click', () => {
      this.#addRow('', { linspace: ['', '', 10] }).focus();
    });
  }

  /** Fills the fields. @param keepJson leaves the text of the whole sweep as its writer has it */
  show(sweep: SweepInput, keepJson = false): void {
    this.#sweep = sweep;
    this.#rows = [];
    this.#axes.replaceChildren();
    const { axes, base, measures, until, replicates, latin } = sweep;
    for (const [path, axis] of Object.entries(isRecord(axes) ? axes : {})) this.#addRow(path, axis);
    for (const [id, key] of Object.entries(baseFields))
      input(id).value = textOf(isRecord(base) ? base[key] : undefined);
    input('replicates').value = textOf(replicates);
    input('latin').value = textOf(latin);
    for (const box of this.#measures) box.checked = Array.isArray(measures) ? measures.includes(box.value) : true;
    const criterion = isRecord(until) ? until : undefined;
    input('until').checked = criterion !== undefined;
    if (criterion) {
      element('until-measure', HTMLSelectElement).value = textOf(criterion.measure);
      input('until-se').value = textOf(criterion.se);
      input('until-trials').value = textOf(criterion.maxTrials);
    }
    element('until-fields', HTMLElement).hidden = criterion === undefined;
    if (!keepJson) this.#showJson();
  }

  /** The paths that fields for axes propose. */
  proposePaths(paths: readonly string[]): void {
    element('paths', HTMLDataListElement).replaceChildren(...paths.map((value) => make('option', { value })));
  }

  /** Says what is wrong beside the field that it is about, where there is one. */
  showProblem(refusal: Refusal | undefined): void {
    const path = refusal?.path ?? '';
    for (const row of this.#rows) {
      const mine = [row.path, `axes.${row.path}`, `axes[${JSON.stringify(row.path)}]`];
      const isMine =
        path !== '' && mine.some((name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`));
      row.showProblem(isMine ? refusal!.message : '');
    }
    const fields: Readonly<Record<string, string>> = {
      'base.sequences': 'sequences',
      'base.steps': 'steps',
      'base.trials': 'trials',
      'base.seed': 'seed',
      replicates: 'replicates',
      latin: 'latin',
      'until.se': 'until-se',
      'until.maxTrials': 'until-trials',
    };
    for (const [place, id] of Object.entries(fields)) {
      const isMine = place === path;
      if (isMine) input(id).setAttribute('aria-invalid', 'true');
      else input(id).removeAttribute('aria-invalid');
      if (isMine) input(id).closest('details')?.setAttribute('open', '');
    }
  }

  set disabled(disabled: boolean) {
    element('fields', HTMLFieldSetElement).disabled = disabled;
  }

  #addRow(path: string, axis: unknown): AxisRow {
    const row = new AxisRow(
      ++this.#made,
      path,
      axis,
      () => this.#changed(),
      () => {
        this.#rows = this.#rows.filter((other) => other !== row);
        row.row.remove();
        element('add-axis', HTMLButtonElement).focus();
        this.#changed();
      },
    );
    this.#rows.push(row);
    this.#axes.append(row.row);
    return row;
  }

  #changed(): void {
    const { until: _, zip, ...others } = this.#sweep;
    const paths = this.#rows.map(({ path }) => path);
    // Axes that are no longer there move together with none.
    const zips = Array.isArray(zip)
      ? zip.filter((group) => Array.isArray(group) && group.every((one) => paths.includes(one)))
      : [];
    const measures = this.#measures.filter(({ checked }) => checked).map(({ value }) => value);
    const untilOn = input('until').checked;
    element('until-fields', HTMLElement).hidden = !untilOn;
    const until = {
      measure: element('until-measure', HTMLSelectElement).value,
      se: numberOrText(input('until-se').value.trim()),
      maxTrials: numberOrText(input('until-trials').value.trim()),
    };
    this.#sweep = {
      ...without(others, ['measures', 'replicates', 'latin']),
      base: this.#base(),
      axes: Object.fromEntries(this.#rows.map(({ path, axis }) => [path, axis])),
      ...(zips.length > 0 ? { zip: zips } : {}),
      ...optional('replicates'),
      ...optional('latin'),
      ...(measures.length < measureNames.length ? { measures } : {}),
      ...(untilOn ? { until } : {}),
    };
    this.#showJson();
    this.#onChange(this.#sweep);
  }

  #base(): SweepInput {
    const base = isRecord(this.#sweep.base) ? this.#sweep.base : {};
    const keys = Object.values(baseFields);
    return { ...without(base, keys), ...Object.assign({}, ...keys.map((key) => optional(key))) };
  }

  #showJson(): void {
    this.#json.value = JSON.stringify(this.#sweep, null, 2);
  }
}

/** The value of a field, unless it is left empty for the default. */
function optional(id: string): SweepInput {
  const text = input(id).value.trim();
  return text === '' ? {} : { [id]: numberOrText(text) };
}

function without(record: SweepInput, keys: readonly string[]): SweepInput {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
