import type { DigitPlayer } from '../generative/digit-player.ts';
import { type Column, csvText } from '../io/csv.ts';
import { make } from '../live/make.ts';
import { optionRefusal } from '../live/spec-paths.ts';
import { describeDigit, digitFrame, digitsPng, paintDigit } from './digit-picture.ts';
import { elementStyles } from './element-styles.ts';
import { ModelUse } from './shared-models.ts';

/** What the event `stdp-digit` tells. */
export interface DigitDetail {
  readonly seed: number;
  /** 0 for the directed sample, then rounds of encoding and decoding. */
  readonly round: number;
  /** Row-major, shape [rows][columns], 0 … 1. */
  readonly pixels: Float32Array;
  /** Pixels down and across. */
  readonly imageShape: readonly [number, number];
  /** Whether this is the last round. */
  readonly finished: boolean;
}

/** Where there are no elements, as in Node, the module can still be loaded. */
const Base: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** Milliseconds that a round stays before the next. */
const ROUND_MS = 350;

/** Frames before the model says how many rounds it takes. */
const EMPTY_FRAMES = 4;

/**
 * `<digit-generator>`: a sample of the generative model, step by step: the directed sample, then what each round of
 * encoding and decoding makes of it (Fig. 3). Attributes: `src`, the file of the model (`stdp-webgpu generative export`
 * writes it); `seed`, 0 … 2³² − 1, default 1; `rounds`, how many are shown, at most and by default those of the model;
 * `controls` for buttons; `theme` (`light`, `dark`).
 *
 * With the focus on the images, the right arrow goes a round on, the left one back to the start, the space bar plays,
 * up and down show samples of other seeds. Events, which bubble: `stdp-digit` with a {@link DigitDetail} for each image,
 * `stdp-error` with the error.
 *
 * @example
 * <digit-generator src="./digits.bin" seed="7" controls></digit-generator>
 */
export class DigitGenerator extends Base {
  readonly #place = make('div', { class: 'frames', tabindex: '0', role: 'group' });
  readonly #controls = make('div', { class: 'controls', hidden: '' });
  readonly #status = make('p', { class: 'status' }, 'The model has not been loaded yet.');
  readonly #spoken = make('p', { class: 'unseen', 'aria-live': 'polite' });
  readonly #problem = make('p', { class: 'problem', role: 'alert', hidden: '' });
  readonly #buttons: Readonly<Record<'play' | 'step' | 'another', HTMLButtonElement>>;
  #observers: readonly { disconnect(): void }[] = [];
  #player: DigitPlayer | undefined;
  readonly #model = new ModelUse();
  #seed = 1;
  #rounds = 0;
  #coming: Generator<Float32Array> | undefined;
  #images: Float32Array[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #playing = false;
  #inSight = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [elementStyles()];
    this.#place.setAttribute(
      'aria-label',
      'A sample, round by round; space plays, arrow keys go on or change the seed',
    );
    const button = (text: string, act: () => void) => {
      const made = make('button', { type: 'button', disabled: '' }, text);
      made.addEventListener('click', act);
      this.#controls.append(made);
      return made;
    };
    this.#buttons = {
      another: button('Another sample', () => this.#changeSeed(1)),
      step: button('Next round', () => this.step()),
      play: button('Play again', () => this.play()),
    };
    this.#place.addEventListener('keydown', (event) => this.#byKey(event));
    this.#showFrames(EMPTY_FRAMES);
    root.append(this.#place, this.#problem, this.#status, this.#controls, this.#spoken, make('slot'));
  }

  /** The images so far, the directed sample first. */
  get images(): readonly Float32Array[] {
    return this.#images;
  }

  /** Pixels down and across; `undefined` before the model is there. */
  get imageShape(): readonly [number, number] | undefined {
    return this.#player?.imageShape;
  }

  /** Seed of the sample. */
  get seed(): number {
    return this.#seed;
  }

  /** The images side by side as a PNG file; `undefined` where there are none yet. */
  async png(): Promise<Blob | undefined> {
    const shape = this.imageShape;
    return shape && this.#images.length > 0 ? digitsPng(this.#images, shape) : undefined;
  }

  /** The images as CSV: a row a pixel, row-major, a column a round. `undefined` where there are none yet. */
  csv(): string | undefined {
    if (this.#images.length === 0) return undefined;
    const columns = this.#images.map((values, round): Column => ({ name: `round_${round}`, values }));
    return csvText(columns);
  }

  /** Shows the sample from its start. */
  play(): void {
    this.#restart();
    this.#playing = true;
    this.#goOn();
  }

  /** Computes the next round, and plays no further. After the last it does nothing. */
  step(): void {
    this.#pause();
    this.#playing = false;
    this.#next();
  }

  connectedCallback(): void {
    if (this.#observers.length > 0) return;
    const sight = new IntersectionObserver((entries) => {
      this.#inSight = entries.at(-1)?.isIntersecting ?? false;
      if (!this.#inSight) return this.#pause();
      if (this.#model.address === undefined) void this.#readAttributes();
      else this.#goOn();
    });
    sight.observe(this);
    const attributes = new MutationObserver(() => {
      if (this.#inSight || this.#model.address !== undefined) void this.#readAttributes();
    });
    attributes.observe(this, { attributes: true });
    this.#observers = [sight, attributes];
  }

  disconnectedCallback(): void {
    // An element that is moved is removed and put in again at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      for (const observer of this.#observers) observer.disconnect();
      this.#observers = [];
      this.#pause();
      this.#inSight = false;
      this.#player = undefined;
      this.#coming = undefined;
      this.#model.end();
    });
  }

  async #readAttributes(): Promise<void> {
    this.#controls.hidden = !this.hasAttribute('controls');
    try {
      const before = [this.#model.address, this.#seed, this.#rounds];
      const src = this.getAttribute('src');
      if (src === null || src === '') {
        throw optionRefusal('src', src, 'the address of a model, as `stdp-webgpu generative export` writes it');
      }
      const seed = this.#integer('seed', 2 ** 32 - 1) ?? 1;
      const address = new URL(src, document.baseURI).href;
      if (address !== this.#model.address) {
        this.#player = undefined;
        this.#status.textContent = 'The model is being loaded …';
      }
      const model = await this.#model.take(address);
      if (address !== this.#model.address) return;
      this.#player = model.player;
      this.#seed = seed;
      this.#rounds = this.#integer('rounds', model.rounds) ?? model.rounds;
      this.#problem.hidden = true;
      this.#place.hidden = false;
      const now = [this.#model.address, this.#seed, this.#rounds];
      if (this.#images.length === 0 || now.some((value, i) => value !== before[i])) this.play();
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** @throws EngineError `invalid-option` for an attribute that is no integer of its range */
  #integer(name: string, most: number): number | undefined {
    const text = this.getAttribute(name);
    if (text === null) return undefined;
    if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
    throw optionRefusal(name, text, `an integer from 0 to ${most}`);
  }

  #restart(): void {
    this.#pause();
    this.#images = [];
    this.#coming = this.#player?.generate(this.#seed);
    this.#showFrames(this.#rounds + 1);
    for (const button of Object.values(this.#buttons)) button.disabled = this.#player === undefined;
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Goes on with playing, where it can be seen. */
  #goOn(): void {
    if (!this.#playing || !this.#inSight || this.#timer !== undefined) return;
    this.#next();
    const wait = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : ROUND_MS;
    if (!this.#finished) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#goOn();
      }, wait);
    }
  }

  get #finished(): boolean {
    return this.#images.length > this.#rounds;
  }

  #next(): void {
    if (!this.#player || this.#finished) return;
    const { value } = this.#coming?.next() ?? {};
    if (!value) return;
    const round = this.#images.push(value) - 1;
    const { imageShape } = this.#player;
    paintDigit(this.#place.querySelectorAll('canvas')[round], value, imageShape);
    const name = round === 0 ? 'the directed sample' : `round ${round} of ${this.#rounds}`;
    const finished = this.#finished;
    this.#status.textContent = `Seed ${this.#seed}: ${name}.`;
    this.#buttons.step.disabled = finished;
    if (finished) {
      this.#playing = false;
      this.#spoken.textContent = `Sample of seed ${this.#seed} after ${round} rounds: ${describeDigit(value, imageShape)}`;
    }
    const detail: DigitDetail = { seed: this.#seed, round, pixels: value, imageShape, finished };
    this.#tell('stdp-digit', detail);
  }

  #showFrames(count: number): void {
    const shape = this.#player?.imageShape ?? [28, 28];
    this.#place.replaceChildren(
      ...Array.from({ length: count }, (_, round) => digitFrame(round === 0 ? 'Directed' : `Round ${round}`, shape)),
    );
  }

  #changeSeed(by: number): void {
    this.setAttribute('seed', String((this.#seed + by + 2 ** 32) % 2 ** 32));
  }

  #byKey(event: KeyboardEvent): void {
    const acts: Readonly<Record<string, () => void>> = {
      ' ': () => this.play(),
      ArrowRight: () => this.step(),
      ArrowLeft: () => {
        this.#restart();
        this.step();
      },
      ArrowDown: () => this.#changeSeed(1),
      ArrowUp: () => this.#changeSeed(-1),
    };
    const act = acts[event.key];
    if (!act || !this.#player) return;
    event.preventDefault();
    act();
  }

  #refuse(error: unknown): void {
    this.#pause();
    this.#playing = false;
    this.#problem.textContent = error instanceof Error ? error.message : String(error);
    this.#problem.hidden = false;
    this.#place.hidden = true;
    this.#status.textContent = '';
    this.#tell('stdp-error', error);
  }

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
