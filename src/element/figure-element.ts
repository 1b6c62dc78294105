import { figureStyles } from '../figures/adopted-styles.ts';
import type { FigureOptions } from '../figures/figure-options.ts';
import { svgText } from '../figures/svg.ts';
import type { FigureTheme } from '../figures/theme.ts';
import { type Column, csvText } from '../io/csv.ts';
import { Laboratory, type LaboratoryEvents } from '../live/laboratory.ts';
import { make } from '../live/make.ts';
import type { Runtime } from '../live/runtime.ts';
import { cpuRuntime } from '../live/runtime.ts';
import { type WantedRuntime, wantedRuntimeNamed } from '../live/runtime-choice.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';
import { specOf } from './attributes.ts';
import { elementStyles } from './element-styles.ts';
import { sharedRuntimes } from './shared-runtimes.ts';

/** Where there are no elements, as in Node, the modules can still be loaded. */
const Base: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** An element that may come into sight within so much of its window starts to compute. */
const NEARLY_IN_SIGHT = '200px';

/**
 * What the elements have in common: a shadow root with a figure that follows its width, its attributes and the reader's
 * light or dark; a place in the page's one runtime; no work out of sight; nothing left behind when it is removed.
 */
export abstract class FigureElement extends Base {
  protected readonly place = make('div', { class: 'figure', tabindex: '0', role: 'group', 'aria-busy': 'true' });
  protected readonly controls = make('div', { class: 'controls', hidden: '' });
  readonly #status = make('p', { class: 'status' });
  readonly #spoken = make('p', { class: 'unseen', 'aria-live': 'polite' });
  readonly #problem = make('p', { class: 'problem', role: 'alert', hidden: '' });
  #life: Life | undefined;
  #spec: ExperimentSpec | undefined;
  #runtime: Runtime | undefined;
  #width = 0;
  #loaded = false;
  #loading: Promise<void> | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [elementStyles(), figureStyles()];
    root.append(this.place, this.#problem, this.#status, this.controls, this.#spoken, make('slot'));
  }

  /** The experiment that is shown, once its attributes have been read. */
  get spec(): ExperimentSpec | undefined {
    return this.#spec;
  }

  /** What computes it, for people: the name of the adapter, or the CPU's threads. */
  get computedOn(): string | undefined {
    return this.#runtime?.name;
  }

  connectedCallback(): void {
    this.#life ??= this.#begin();
  }

  disconnectedCallback(): void {
    // An element that is moved is removed and put in again at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#life?.end();
      this.#life = undefined;
    });
  }

  /** What the laboratory tells of experiments. */
  protected abstract readonly events: Omit<LaboratoryEvents, 'onRuntime' | 'onError'>;
  /** The attributes have changed. */
  protected abstract attributesChanged(spec: ExperimentSpec): void;
  /** Loads what draws: with it comes Plot, which is as large as all the rest. */
  protected abstract load(): Promise<void>;
  /** The figure of what is known; `undefined` where nothing is, or what draws is not loaded. */
  protected abstract figure(options: FigureOptions): SVGSVGElement | undefined;
  /** The numbers behind the figure. */
  protected abstract columns(): readonly Column[] | undefined;

  /** The figure as a stand-alone SVG file, in light colours; `undefined` where there is none yet. */
  svg(): string | undefined {
    const figure = this.figure({ theme: 'light' });
    return figure && svgText(figure);
  }

  /** The numbers behind the figure as CSV; `undefined` where there are none yet. */
  csv(): string | undefined {
    const columns = this.columns();
    return columns && csvText(columns);
  }

  /** Draws what is known at the present width; done when it can be seen, and {@link svg} has it. */
  protected async draw(): Promise<void> {
    if (this.#width === 0) return;
    if (!this.#loaded) {
      this.#loading ??= this.load();
      try {
        await this.#loading;
      } catch (error) {
        this.#loading = undefined;
        return this.refuse(error);
      }
      this.#loaded = true;
    }
    const figure = this.figure({ width: this.#width, theme: this.#theme, styles: 'adopted' });
    if (figure) this.show(figure);
  }

  /** Whether the CPU computes whole experiments too. */
  protected get fullSize(): boolean {
    return this.hasAttribute('full-size');
  }

  get #theme(): FigureTheme {
    const theme = this.getAttribute('theme');
    return theme === 'light' || theme === 'dark' ? theme : 'auto';
  }

  protected get laboratory(): Laboratory | undefined {
    return this.#life?.laboratory;
  }

  /** Puts a figure in its place. */
  protected show(figure: SVGSVGElement): void {
    this.outdated = false;
    this.place.replaceChildren(figure);
  }

  protected set outdated(outdated: boolean) {
    this.place.classList.toggle('outdated', outdated);
    this.place.setAttribute('aria-busy', String(outdated));
  }

  /** A line under the figure. */
  protected set status(text: string) {
    const { reason = '' } = this.#runtime ?? {};
    this.#status.textContent = reason === '' ? text : `${text} ${reason} Computed on the CPU, with the same numbers.`;
  }

  /** For those who do not see the figure. */
  protected say(text: string): void {
    this.#spoken.textContent = text;
  }

  protected tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** An error is shown in the figure's place and told as the event `stdp-error`. */
  protected refuse(error: unknown): void {
    this.#problem.textContent = error instanceof Error ? error.message : String(error);
    this.#problem.hidden = false;
    this.place.hidden = true;
    this.tell('stdp-error', error);
  }

  async #readAttributes(life: Life): Promise<void> {
    try {
      const spec = await specOf(this);
      if (life !== this.#life) return;
      this.#spec = spec;
      this.#problem.hidden = true;
      this.place.hidden = false;
      if (life.laboratory) life.laboratory.fullSize = this.fullSize;
      this.attributesChanged(spec);
    } catch (error) {
      if (life !== this.#life) return;
      life.laboratory?.halt();
      this.refuse(error);
    }
  }

  #begin(): Life {
    const life = new Life();
    const onError = (error: unknown) => this.refuse(error);
    const open = async (noGpu: string | undefined): Promise<Runtime> => {
      if (noGpu !== undefined) return life.ownRuntime(cpuRuntime(noGpu, true));
      return sharedRuntimes[life.wanted].acquire(life);
    };
    const onRuntime = (runtime: Runtime, lostBefore: string | undefined) => {
      this.#runtime = runtime;
      if (lostBefore !== undefined) this.outdated = true;
      this.tell('stdp-runtime', { kind: runtime.kind, name: runtime.name });
    };
    const enter = () => {
      if (life.laboratory) return life.laboratory.resume();
      try {
        life.wanted = wantedRuntimeNamed(this.getAttribute('runtime'));
      } catch (error) {
        return this.refuse(error);
      }
      life.laboratory = new Laboratory(open, { ...this.events, onRuntime, onError });
      void this.#readAttributes(life);
    };
    life.watch(
      new IntersectionObserver(
        (entries) => {
          if (entries.at(-1)?.isIntersecting) enter();
          else life.laboratory?.pause();
        },
        { rootMargin: NEARLY_IN_SIGHT },
      ),
      new ResizeObserver(() => {
        const width = Math.floor(this.clientWidth);
        if (width === this.#width || width === 0) return;
        this.#width = width;
        void this.draw();
      }),
      this,
    );
    life.watchAttributes(this, () => {
      if (life.laboratory) void this.#readAttributes(life);
    });
    return life;
  }
}

/** All that an element holds from when it is put into a page until it is removed. */
class Life {
  wanted: WantedRuntime = 'auto';
  laboratory: Laboratory | undefined;
  readonly #observers: { disconnect(): void }[] = [];
  #own: Runtime | undefined;

  /** Takes a runtime that is this element's alone. */
  ownRuntime(runtime: Runtime): Runtime {
    this.#own = runtime;
    return runtime;
  }

  watch(sight: IntersectionObserver, size: ResizeObserver, element: Element): void {
    sight.observe(element);
    size.observe(element);
    this.#observers.push(sight, size);
  }

  watchAttributes(element: Element, changed: () => void): void {
    const observer = new MutationObserver(changed);
    observer.observe(element, { attributes: true });
    this.#observers.push(observer);
  }

  end(): void {
    for (const observer of this.#observers) observer.disconnect();
    // What runs still uses the runtime; without a laboratory none was acquired.
    void this.laboratory?.close().then(() => {
      sharedRuntimes[this.wanted].release(this);
      this.#own?.close();
    });
  }
}
