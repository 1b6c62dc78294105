import type { FigureElement } from '../../src/element/figure-element.ts';
import { defaultSpec, type ExperimentSpec, loadRules, parseSpec } from '../../src/index.ts';
import { defaultState, hashOf, type PageState, readState, type View, viewWithin } from '../address.ts';
import { element } from '../elements.ts';
import { embedCode } from '../embed.ts';
import { AddressBar } from '../history.ts';
import { allowDownloads, type KeptFile, offerToKeep, specJson } from '../keep.ts';
import { Sliders } from '../sliders.ts';

const text = (id: string) => element(id, HTMLElement);
const button = (id: string) => element(id, HTMLButtonElement);

/** How the view of a page's state shows in the attributes of its figure. */
export type ViewAttributes = (view: View) => readonly (readonly [name: string, value: string])[];

/**
 * A page about one figure: its element, the sliders of its experiment, the address that holds both, and what a reader
 * takes along.
 */
export class Story {
  readonly #figure: FigureElement;
  readonly #attributes: ViewAttributes;
  readonly #address = new AddressBar();
  readonly #sliders: Sliders;
  #state: PageState = defaultState;

  /** @param file name of what is saved, without its ending */
  constructor(figure: FigureElement, file: string, attributes: ViewAttributes = () => []) {
    this.#figure = figure;
    this.#attributes = attributes;
    this.#sliders = new Sliders((change, id) => this.#changeSpec(change(this.#state.spec), id));
    const seed = element('seed', HTMLInputElement);
    seed.addEventListener('input', () => {
      if (seed.checkValidity()) this.#changeSpec({ ...this.#state.spec, seed: seed.valueAsNumber }, 'seed');
    });
    button('next-seed').addEventListener('click', () =>
      this.#changeSpec({ ...this.#state.spec, seed: (this.#state.spec.seed + 1) % 2 ** 32 }, 'next-seed'),
    );
    button('defaults').addEventListener('click', () => this.#changeSpec(defaultSpec, 'defaults'));
    element('controls', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
    this.#offerFiles(file);
    addEventListener('popstate', () => void this.open());
  }

  /** Shows what the address asks for. */
  async open(): Promise<void> {
    this.#address.reset();
    const wanted = new URLSearchParams(location.search).get('runtime');
    if (wanted !== null) this.#figure.setAttribute('runtime', wanted);
    // An address may hold a rule of the reader's. Without one there is no wait, and the figure starts with what is asked for.
    if (location.hash.includes('rule.')) await loadRules();
    try {
      this.#show(readState(location.hash));
    } catch (error) {
      this.#refuse('This address asks for something that cannot be run.', error);
    }
  }

  /** The reader looks at it in another way. */
  changeView(change: Partial<View>, gesture: string): void {
    this.#state = { ...this.#state, view: { ...this.#state.view, ...change } };
    this.#address.write(hashOf(this.#state), gesture);
  }

  #changeSpec(spec: ExperimentSpec, gesture: string): void {
    try {
      const accepted = parseSpec(spec);
      this.#show({ spec: accepted, view: viewWithin(this.#state.view, accepted) });
      this.#address.write(hashOf(this.#state), gesture);
    } catch (error) {
      this.#refuse('This experiment cannot be run.', error);
    }
  }

  #show(state: PageState): void {
    this.#state = state;
    text('problem').hidden = true;
    this.#sliders.show(state.spec);
    element('seed', HTMLInputElement).value = String(state.spec.seed);
    // The element looks at its attributes once, after all of them.
    this.#figure.setAttribute('spec', JSON.stringify(state.spec));
    for (const [name, value] of this.#attributes(state.view)) this.#figure.setAttribute(name, value);
  }

  #refuse(title: string, error: unknown): void {
    text('problem').hidden = false;
    text('problem-title').textContent = title;
    text('problem-text').textContent = error instanceof Error ? error.message : String(error);
  }

  #offerFiles(file: string): void {
    const figure = this.#figure;
    const fileOf = (content: string | undefined, ending: string): KeptFile | undefined =>
      content === undefined ? undefined : { name: `${file}.${ending}`, content };
    offerToKeep({
      settleAddress: () => this.#address.flush(),
      spec: () => specJson(this.#state.spec),
      embed: () => embedCode(figure.localName, this.#state.spec, this.#attributes(this.#state.view)),
      figure: () => fileOf(figure.svg(), 'svg'),
      numbers: () => fileOf(figure.csv(), 'csv'),
    });
    allowDownloads(true);
    button('use-defaults').addEventListener('click', () => location.assign(location.pathname));
  }
}
