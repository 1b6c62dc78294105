import { type EarlyInference, earlyInference } from '../../src/energy/checks/early-inference.ts';
import { earlyInferenceFigure } from '../../src/figures/early-inference.ts';
import { element } from '../elements.ts';
import { FigurePanel } from '../figure-panel.ts';
import { NetworkView } from './network-view.ts';

const INPUTS = 8;
const HIDDEN = 10;
const OUTPUTS = 5;
/** Steps of the settling that are shown, and the time of one. */
const SETTLING_STEPS = 24;
const SETTLING_MS = 45;
const NUDGE_MS = 1100;

/** The part of the page where a small network settles and is nudged. */
export class NudgeStory {
  readonly #view = new NetworkView(element('network', HTMLElement));
  readonly #bars = new FigurePanel(element('bars', HTMLElement));
  readonly #epsilon = element('epsilon', HTMLInputElement);
  readonly #depth = element('depth', HTMLSelectElement);
  readonly #stage = element('stage', HTMLElement);
  #seed = 1;
  #inference!: EarlyInference;
  #playing = 0;

  constructor() {
    element('another', HTMLButtonElement).addEventListener('click', () => {
      this.#seed++;
      this.#open();
    });
    element('play', HTMLButtonElement).addEventListener('click', () => void this.#play());
    this.#epsilon.addEventListener('input', () => this.#compute());
    this.#depth.addEventListener('change', () => this.#open());
    this.#open();
  }

  #open(): void {
    this.#compute();
    this.#view.open(this.#inference);
    this.#settled('The network has settled. Nudge it.');
  }

  #compute(): void {
    const epsilon = Number((10 ** Number(this.#epsilon.value)).toPrecision(2));
    element('epsilon-value', HTMLOutputElement).value = String(epsilon);
    const hidden = new Array<number>(Number(this.#depth.value)).fill(HIDDEN);
    this.#inference = earlyInference([INPUTS, ...hidden, OUTPUTS], this.#seed, epsilon);
    this.#bars.show((width) => earlyInferenceFigure(this.#inference, { width }));
  }

  #settled(text: string): void {
    this.#playing++;
    this.#view.show({ states: this.#inference.states, moving: [] });
    this.#stage.textContent = text;
  }

  /** Settles from 0, then lets the motion run from the output to the first hidden layer. */
  async #play(): Promise<void> {
    this.#settled('');
    const { states, target, layers } = this.#inference;
    const turn = this.#playing;
    const goesOn = async (milliseconds: number) => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      return turn === this.#playing;
    };
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    for (let step = still ? SETTLING_STEPS : 0; step <= SETTLING_STEPS; step++) {
      const share = 1 - Math.exp((-5 * step) / SETTLING_STEPS);
      const shown = states.map((layer, l) => (l === 0 ? layer : layer.map((s) => share * s)));
      this.#view.show({ states: shown, moving: states.map((_, l) => l).slice(1) });
      this.#stage.textContent = 'Every unit leaks towards what the others send it.';
      if (!(await goesOn(SETTLING_MS))) return;
    }
    const output = states.length - 1;
    const moved = states.map((layer) => layer.slice());
    for (const { k, motion } of layers) {
      // Drawn large: the true motion is of the order ε to the power k + 1.
      const most = Math.max(...motion.map(Math.abs));
      moved[output - k] = states[output - k]!.map((s, i) => s + (0.3 * motion[i]!) / most);
      this.#view.show({ states: moved, moving: [output - k] });
      const wanted = target.indexOf(1) + 1;
      this.#stage.textContent =
        k === 0
          ? `Step 1: the output is pushed towards its target, unit ${wanted} at 1.`
          : `Step ${k + 1}: layer ${k} behind the output moves for the first time (drawn larger than it is).`;
      if (!(await goesOn(NUDGE_MS))) return;
    }
    this.#stage.textContent = 'Every layer has moved along its gradient: see the bars.';
  }
}
