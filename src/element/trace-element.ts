import type { FigureOptions } from '../figures/figure-options.ts';
import type { Column } from '../io/csv.ts';
import { traceColumns } from '../io/result-tables.ts';
import { make } from '../live/make.ts';
import type { Run } from '../live/run.ts';
import { optionRefusal } from '../live/spec-paths.ts';
import type { Trace } from '../stdp/results.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';
import { traceOf } from '../stdp/trace.ts';
import { FigureElement } from './figure-element.ts';

/** What the event `stdp-trace` tells. */
export interface TraceDetail {
  readonly spec: ExperimentSpec;
  readonly trace: Trace;
}

/**
 * `<stdp-trace>`: one trial in full, its spikes, activities and weight (Fig. 3). Attributes as of `<stdp-curve>`, with
 * `sequence` and `trial`, from 0; `controls` for buttons. With the focus on it, the left and right arrow show other
 * trials, up and down other sequences. Events: `stdp-trace` with a {@link TraceDetail}, `stdp-error`, `stdp-runtime`.
 *
 * @example
 * <stdp-trace seed="7" sequence="3" trial="0" controls></stdp-trace>
 */
export class StdpTrace extends FigureElement {
  #run: Run | undefined;
  #trace: Trace | undefined;
  #asked = '';
  #figures: typeof import('../figures/trace.ts') | undefined;

  constructor() {
    super();
    this.place.classList.add('trace');
    this.place.setAttribute('aria-label', 'One trial; arrow keys show other trials and sequences');
    this.place.addEventListener('keydown', (event) => this.#byKey(event));
    const button = (text: string, move: () => void) => {
      const made = make('button', { type: 'button' }, text);
      made.addEventListener('click', move);
      return made;
    };
    this.controls.append(
      button('Another trial', () => this.#move('trial', 1)),
      button('Another sequence', () => this.#move('sequence', 1)),
    );
  }

  /** The trial that is shown. */
  get trace(): Trace | undefined {
    return this.#trace;
  }

  protected readonly events = {
    onStart: (run: Run) => {
      this.#run = run;
      this.outdated = true;
      void this.#load(run);
    },
    onPicture: () => undefined,
  };

  protected attributesChanged(spec: ExperimentSpec): void {
    this.controls.hidden = !this.hasAttribute('controls');
    const asked = JSON.stringify(spec);
    if (asked === this.#asked && this.#run && !this.#run.stopped) {
      void this.#load(this.#run);
      return;
    }
    this.#asked = asked;
    // Spikes of any trial are drawn again from their addresses, so that no other has to be run.
    this.laboratory?.request({ ...spec, trials: 1 });
  }

  protected override get fullSize(): boolean {
    return true;
  }

  protected async load(): Promise<void> {
    this.#figures = await import('../figures/trace.ts');
  }

  protected figure(options: FigureOptions): SVGSVGElement | undefined {
    const { msPerStep } = this.spec ?? {};
    if (!this.#trace || msPerStep === undefined) return undefined;
    return this.#figures?.traceFigure(this.#trace, { ...options, msPerStep });
  }

  protected columns(): readonly Column[] | undefined {
    return this.#trace && traceColumns(this.#trace, true);
  }

  async #load(run: Run): Promise<void> {
    try {
      const [sequence, trial] = [this.#index('sequence'), this.#index('trial')];
      const trace = traceOf(await run.trial(sequence, trial), run.plan);
      if (run !== this.#run) return;
      this.#trace = trace;
      await this.draw();
      if (run !== this.#run || trace !== this.#trace) return;
      this.status = `Sequence ${sequence}, trial ${trial}. Trials of a sequence share their activities.`;
      this.say(
        `Sequence ${sequence}, trial ${trial}: ${sum(trace.preSpikes)} presynaptic, ${sum(trace.postSpikes)} postsynaptic spikes.`,
      );
      if (this.spec) this.tell('stdp-trace', { spec: this.spec, trace } satisfies TraceDetail);
    } catch (error) {
      if (run === this.#run && !run.stopped) this.refuse(error);
    }
  }

  /** @throws EngineError `invalid-option` for an attribute that is not a number of one of them */
  #index(name: 'sequence' | 'trial'): number {
    const text = this.getAttribute(name) ?? '0';
    const value = Number(text);
    const last = this.#count(name) - 1;
    if (/^\d+$/.test(text) && value <= last) return value;
    throw optionRefusal(name, text, `an integer from 0 to ${last}`);
  }

  #count(name: 'sequence' | 'trial'): number {
    const { sequences = 1, trials = 1 } = this.spec ?? {};
    return name === 'sequence' ? sequences : trials;
  }

  #move(name: 'sequence' | 'trial', by: number): void {
    const count = this.#count(name);
    this.setAttribute(name, String((this.#index(name) + by + count) % count));
  }

  #byKey(event: KeyboardEvent): void {
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    this.#move(...move);
  }
}

/** What the arrow keys change, and by how much. */
const moves: Readonly<Record<string, readonly ['sequence' | 'trial', number]>> = {
  ArrowRight: ['trial', 1],
  ArrowLeft: ['trial', -1],
  ArrowDown: ['sequence', 1],
  ArrowUp: ['sequence', -1],
};

function sum(spikes: Uint8Array): number {
  return spikes.reduce((total, spike) => total + spike, 0);
}
