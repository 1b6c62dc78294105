import { make } from '../elements.ts';

/** The forms of an axis, with the names of their numbers; a list has its values in one field. */
const forms = {
  list: ['values'],
  linspace: ['first', 'last', 'n'],
  logspace: ['first', 'last', 'n'],
  uniform: ['low', 'high', 'n'],
  loguniform: ['low', 'high', 'n'],
} as const;

type Form = keyof typeof forms;

const formNames: Readonly<Record<Form, string>> = {
  list: 'these values',
  linspace: 'at equal distances',
  logspace: 'at equal ratios',
  uniform: 'random, uniform',
  loguniform: 'random, log-uniform',
};

/** The fields of one axis of a sweep. */
export class AxisRow {
  readonly row: HTMLFieldSetElement;
  readonly #path: HTMLInputElement;
  readonly #form: HTMLSelectElement;
  readonly #fields: HTMLElement;
  readonly #problem: HTMLElement;

  constructor(number: number, path: string, axis: unknown, onChange: () => void, onRemove: () => void) {
    const id = `axis-${number}`;
    this.#path = make('input', { id: `${id}-path`, list: 'paths', spellcheck: 'false', class: 'path' });
    this.#path.value = path;
    this.#form = make('select', { 'aria-label': 'How its values are given' });
    for (const form of Object.keys(forms) as Form[])
      this.#form.append(make('option', { value: form }, formNames[form]));
    this.#fields = make('div', { class: 'fields' });
    this.#problem = make('p', { class: 'field-problem', id: `${id}-problem` });
    this.#problem.hidden = true;
    const remove = make('button', { type: 'button', class: 'quiet', 'aria-label': `Remove axis ${number}` }, '✕');
    this.row = make(
      'fieldset',
      { class: 'axis' },
      make('legend', { class: 'hidden' }, `Axis ${number}`),
      make('label', { class: 'hidden', for: `${id}-path` }, 'Number of the base'),
      this.#path,
      remove,
      this.#form,
      this.#fields,
      this.#problem,
    );
    const form = formOf(axis);
    this.#form.value = form;
    this.#showFields(form, textsOf(axis, form), id);
    this.row.addEventListener('input', (event) => {
      if (event.target === this.#form) this.#changeForm(id);
      onChange();
    });
    remove.addEventListener('click', onRemove);
  }

  get path(): string {
    return this.#path.value.trim();
  }

  /** As it stands in a sweep. What is no number stays the text it is, for the parser to refuse. */
  get axis(): unknown {
    const texts = this.#texts();
    if (this.#form.value === 'list') {
      return (texts[0] ?? '')
        .split(/[\s,;]+/)
        .filter((text) => text !== '')
        .map(numberOrText);
    }
    // Without n it is a range of the Latin hypercube.
    return { [this.#form.value]: texts.filter((text, index) => index < 2 || text !== '').map(numberOrText) };
  }

  /** Says what is wrong with this axis; nothing if the text is empty. */
  showProblem(text: string): void {
    this.#problem.textContent = text;
    this.#problem.hidden = text === '';
    for (const field of this.row.querySelectorAll('input')) {
      field.toggleAttribute('aria-invalid', text !== '');
      if (text === '') field.removeAttribute('aria-describedby');
      else field.setAttribute('aria-describedby', this.#problem.id);
    }
  }

  focus(): void {
    this.#path.focus();
  }

  #texts(): string[] {
    return Array.from(this.#fields.querySelectorAll('input'), ({ value }) => value.trim());
  }

  /** Ends and count stay what they are among forms that have them. */
  #changeForm(id: string): void {
    const form = this.#form.value as Form;
    const before = this.#texts();
    if (form === 'list') this.#showFields(form, [before.slice(0, 2).join(', ')], id);
    else if (before.length === 3) this.#showFields(form, before, id);
    else {
      const values = (before[0] ?? '').split(/[\s,;]+/).filter((text) => text !== '');
      this.#showFields(form, [values[0] ?? '', values.at(-1) ?? '', String(Math.max(2, values.length))], id);
    }
  }

  #showFields(form: Form, texts: readonly string[], id: string): void {
    this.#fields.replaceChildren(
      ...forms[form].map((name, index) => {
        const field = make('input', { id: `${id}-${name}`, inputmode: 'decimal', autocomplete: 'off' });
        field.value = texts[index] ?? '';
        return make('label', { class: form === 'list' ? 'list' : '' }, make('span', {}, name), field);
      }),
    );
  }
}

function formOf(axis: unknown): Form {
  if (Array.isArray(axis)) return 'list';
  const key = Object.keys(Object(axis)).find((name): name is Form => name in forms);
  return key ?? 'list';
}

function textsOf(axis: unknown, form: Form): string[] {
  if (form === 'list') return [Array.isArray(axis) ? axis.join(', ') : ''];
  const numbers: unknown = (axis as Record<string, unknown>)[form];
  return Array.isArray(numbers) ? numbers.map(String) : [];
}

export function numberOrText(text: string): number | string {
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
