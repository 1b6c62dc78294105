import { type EarlyInference, earlyInference } from '../../src/energy/checks/early-inference.ts';
import { earlyInferenceFigure } from '../../src/figures/early-inference.ts';
import { svgText } from '../../src/figures/index.ts';
import { settlingFigure } from '../../src/figures/settling.ts';
import { csvText } from '../../src/io/csv.ts';
import { type Choice, Controls, type Range, type Settings } from '../compute/controls.ts';
import { element } from '../elements.ts';
import { frameCode } from '../embed.ts';
import { FigurePanel } from '../figure-panel.ts';
import { allowDownloads, offerToKeep, specJson } from '../keep.ts';
import { barColumns } from './bar-columns.ts';
import { NetworkView } from './network-view.ts';

const INPUTS = 8;
const HIDDEN = 10;
const OUTPUTS = 5;
/** Time that a step of the settling is shown. */
const SETTLING_MS = 45;
const NUDGE_MS = 1100;

const controlsOfPage: readonly (Range | Choice)[] = [
  {
    ...{ key: 'epsilon', label: 'Leak ε', hint: 'how far a unit goes in one step' },
    ...{ min: 0.001, max: 1, steps: 60, value: 0.1, logarithmic: true },
  },
  { key: 'depth', label: 'Hidden layers', value: '2', options: ['1', '2', '3'].map((text) => [text, text] as const) },
  {
    ...{ key: 'seed', label: 'Seed', hint: 'what weights, input and target are drawn from' },
    ...{ min: 1, max: 40, steps: 39, value: 1, integer: true },
  },
];

/** The part of the page where a small network settles and is nudged. */
export class NudgeStory {
  readonly #view = new NetworkView(element('network', HTMLElement));
  readonly #settling = new FigurePanel(element('settling', HTMLElement));
  readonly #bars = new FigurePanel(element('bars', HTMLElement));
  readonly #stage = element('stage', HTMLElement);
  #inference!: EarlyInference;
  #playing = 0;

  constructor() {
    const controls = new Controls(element('controls-place', HTMLElement), controlsOfPage, (settings) =>
      this.#open(settings),
    );
    element('reset', HTMLButtonElement).addEventListener('click', () => controls.reset());
    element('play', HTMLButtonElement).addEventListener('click', () => void this.#play());
    offerToKeep({
      embed: () => frameCode('Inference that back-propagates'),
      spec: () => specJson(networkOf(controls.settings)),
      figure: () => ({
        name: 'early-inference.svg',
        content: svgText(earlyInferenceFigure(this.#inference, { theme: 'light' })),
      }),
      numbers: () => ({ name: 'early-inference.csv', content: csvText(barColumns(this.#inference)) }),
    });
    allowDownloads(true);
    this.#open(controls.settings);
  }

  #open(settings: Settings): void {
    const { sizes, seed, epsilon } = networkOf(settings);
    this.#inference = earlyInference(sizes, seed, epsilon);
    this.#bars.show((width) => earlyInferenceFigure(this.#inference, { width }));
    this.#settling.show((width) => settlingFigure(this.#inference.settling, { width }));
    this.#view.open(this.#inference);
    this.#settled('The network has settled. Nudge it.');
  }

  #settled(text: string): void {
    this.#playing++;
    this.#view.show({ states: this.#inference.states, moving: [] });
    this.#stage.textContent = text;
  }

  /** Settles from 0, then lets the motion run from the output to the first hidden layer. */
  async #play(): Promise<void> {
    this.#settled('');
    const { states, settling, target, layers } = this.#inference;
    const turn = this.#playing;
    const goesOn = async (milliseconds: number) => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      return turn === this.#playing;
    };
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    for (const shown of still ? settling.states.slice(-1) : settling.states) {
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

function networkOf({ epsilon, depth, seed }: Settings): { sizes: number[]; seed: number; epsilon: number } {
  const hidden = new Array<number>(Number(depth)).fill(HIDDEN);
  return { sizes: [INPUTS, ...hidden, OUTPUTS], seed: Number(seed), epsilon: Number(epsilon) };
}
