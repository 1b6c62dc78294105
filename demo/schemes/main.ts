import { pairingSchemes } from '../../src/index.ts';
import { type Choice, Controls, type Range, type Settings } from '../compute/controls.ts';
import { type Device, openDevice } from '../compute/device.ts';
import { element, make } from '../elements.ts';
import { runScheme, type SchemeOutcome } from './comparison.ts';
import { SchemeCard } from './scheme-card.ts';

/** A slider that moves is waited for. */
const SETTLING_MS = 120;

const controlsOfPage: readonly (Range | Choice)[] = [
  {
    ...{ key: 'peak', label: 'Peak rate', hint: 'spike probability per step of both neurons at ρ = 1' },
    ...{ min: 0.01, max: 0.5, steps: 40, value: 0.1, logarithmic: true },
  },
  {
    ...{ key: 'epsilon', label: 'Leak ε', hint: 'of both activities, per step' },
    ...{ min: 0.01, max: 0.5, steps: 40, value: 0.06, logarithmic: true },
  },
  {
    ...{ key: 'window', label: 'Window', hint: 'farthest spike-timing difference, in steps' },
    ...{ min: 5, max: 64, steps: 59, value: 20, integer: true },
  },
  {
    ...{ key: 'coincidence', label: 'Coincident spikes', value: 'skip' },
    options: [
      ['skip', 'make no pair'],
      ['causal', 'post right after pre'],
      ['acausal', 'post right before pre'],
    ],
  },
  {
    ...{ key: 'post', label: 'Postsynaptic rate', value: 'varying' },
    options: [
      ['varying', 'varies'],
      ['constant', 'constant'],
    ],
  },
];

const main = element('schemes', HTMLElement);
const text = (id: string) => element(id, HTMLElement);
const cards = new Map(pairingSchemes.map((scheme) => [scheme, new SchemeCard(scheme)]));
text('cards').append(...Array.from(cards.values(), ({ element: card }) => card));

let device: Device | undefined;
let running = new AbortController();
let settling: ReturnType<typeof setTimeout> | undefined;
/** Runs follow each other: a device computes one thing at a time. */
let last: Promise<unknown> = Promise.resolve();

const controls = new Controls(text('controls-place'), controlsOfPage, (settings) => {
  clearTimeout(settling);
  running.abort();
  main.dataset.state = 'waiting';
  for (const card of cards.values()) card.outdated = true;
  settling = setTimeout(() => compute(settings), SETTLING_MS);
});
element('reset', HTMLButtonElement).addEventListener('click', () => controls.reset());

function compute(settings: Settings): void {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  last = last.then(() => computeAll(settings, signal)).catch((error: unknown) => showProblem(error));
}

async function computeAll(settings: Settings, signal: AbortSignal): Promise<void> {
  if (signal.aborted || !device) return;
  main.dataset.state = 'computing';
  text('problem').hidden = true;
  const outcomes: SchemeOutcome[] = [];
  for (const scheme of pairingSchemes) {
    const outcome = await runScheme(device.engine, scheme, settings, signal);
    if (!outcome) return;
    cards.get(scheme)?.show(outcome);
    outcomes.push(outcome);
    showTable(outcomes);
  }
  main.dataset.state = 'done';
}

function showTable(outcomes: readonly SchemeOutcome[]): void {
  const number = (value: number | null | undefined, digits: number) =>
    typeof value === 'number' ? value.toFixed(digits).replace('-', '−') : '–';
  element('rows', HTMLTableSectionElement).replaceChildren(
    ...outcomes.map(({ scheme, curve, agreement, net }) =>
      make(
        'tr',
        {},
        make('th', { scope: 'row' }, scheme),
        make('td', {}, number(curve.pairs / curve.presynapticSpikes, 2)),
        make('td', {}, number(agreement.correlation.binned, 3)),
        make('td', {}, net ? `${number(net.mean, 4)} ± ${number(net.se, 4)}` : '–'),
      ),
    ),
  );
}

function showProblem(error: unknown): void {
  main.dataset.state = 'failed';
  text('problem').hidden = false;
  text('problem-text').textContent = error instanceof Error ? error.message : String(error);
}

device = await openDevice(location.search);
main.dataset.runtime = device.kind;
text('adapter').textContent = device.name;
text('banner').hidden = device.reason === '';
text('banner-text').textContent = device.reason;
compute(controls.settings);
