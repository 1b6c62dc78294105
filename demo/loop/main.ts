import { closedLoopFigure, loopWeightsFigure } from '../../src/figures/index.ts';
import {
  type LoopPlan,
  type LoopResult,
  loopResult,
  openGpuLoop,
  openLoopTwin,
  parseLoopSpec,
  planLoop,
  runLoop,
} from '../../src/index.ts';
import { type Choice, Controls, type Range, type Settings } from '../compute/controls.ts';
import { type Device, openDevice } from '../compute/device.ts';
import { countText, element } from '../elements.ts';
import { FigurePanel } from '../figure-panel.ts';

/** A slider that moves is waited for. */
const SETTLING_MS = 200;
/** Trials of the first picture, and of the last one: the twin on the CPU takes some milliseconds for a trial. */
const FIRST_TRIALS = 128;
const TRIALS = { gpu: 4096, cpu: 1024 } as const;
const STEPS = 400;

const controlsOfPage: readonly (Range | Choice)[] = [
  {
    ...{ key: 'rule', label: 'Weight change', value: 'rate' },
    options: [
      ['rate', 'rate rule, Eq. 1'],
      ['spike', 'spike rule, Eq. 2'],
      ['pair', 'pairs of spikes'],
    ],
  },
  {
    ...{ key: 'scheme', label: 'Pairs', value: 'nearest-exclusive', onlyWith: { key: 'rule', value: 'pair' } },
    options: [
      ['nearest-exclusive', 'nearest-exclusive'],
      ['nearest-presynaptic', 'nearest-presynaptic'],
      ['nearest-symmetric', 'nearest-symmetric'],
      ['nearest-reduced', 'nearest-reduced'],
      ['all-to-all', 'all-to-all'],
    ],
  },
  {
    ...{ key: 'input', label: 'Synapse transmits', value: 'rate' },
    options: [
      ['rate', 'the rate'],
      ['spike', 'spikes'],
    ],
  },
  {
    ...{ key: 'eta', label: 'Learning rate η', hint: '0: both conditions are the same, to the bit' },
    ...{ min: 0.001, max: 1, steps: 61, value: 0.1, logarithmic: true, zero: true },
  },
  {
    ...{ key: 'epsilon', label: 'Leak ε', hint: 'of both activities, per step' },
    ...{ min: 0.02, max: 0.5, steps: 40, value: 0.2, logarithmic: true },
  },
  {
    ...{ key: 'weight', label: 'Initial weight', hint: 'W(0) of every trial' },
    ...{ min: -1, max: 1, steps: 40, value: 0.5 },
  },
  {
    ...{ key: 'bounds', label: 'Bounds', value: 'hard' },
    options: [
      ['hard', 'hard, −2 … 2'],
      ['soft', 'soft, −2 … 2'],
    ],
  },
];

const main = element('loop', HTMLElement);
const progress = element('progress', HTMLProgressElement);
const text = (id: string) => element(id, HTMLElement);
const effect = new FigurePanel(text('effect-figure'));
const weights = new FigurePanel(text('weights-figure'));

let device: Device | undefined;
let running = new AbortController();
let settling: ReturnType<typeof setTimeout> | undefined;
/** Runs follow each other: a device computes one thing at a time. */
let last: Promise<unknown> = Promise.resolve();

const controls = new Controls(text('controls-place'), controlsOfPage, (settings) => {
  clearTimeout(settling);
  running.abort();
  main.dataset.state = 'waiting';
  outdate(true);
  settling = setTimeout(() => compute(settings), SETTLING_MS);
});
element('reset', HTMLButtonElement).addEventListener('click', () => controls.reset());

function specOf({ rule, scheme, input, eta, epsilon, weight, bounds }: Settings, trials: number): object {
  return {
    ...{ trials, steps: STEPS, pre: { epsilon }, post: { epsilon }, pairing: { scheme } },
    loop: { rule, input, eta, initialWeight: weight, bounds: { type: bounds } },
  };
}

function compute(settings: Settings): void {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  last = last.then(() => computeAll(settings, signal)).catch((error: unknown) => showProblem(error));
}

/** A picture of a few trials, then of all: trials are what they are, however many there are. */
async function computeAll(settings: Settings, signal: AbortSignal): Promise<void> {
  if (signal.aborted || !device) return;
  main.dataset.state = 'computing';
  text('problem').hidden = true;
  for (const trials of [FIRST_TRIALS, TRIALS[device.kind]]) {
    const plan = planLoop(parseLoopSpec(specOf(settings, trials)));
    const run = device.context ? await openGpuLoop(device.context, plan) : openLoopTwin(plan);
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      progress.value = done / total;
    };
    const { sums, interrupted } = await runLoop(run, plan, { signal, onProgress });
    if (interrupted) return;
    show(plan, loopResult(plan, sums));
  }
  main.dataset.state = 'done';
}

function show(plan: LoopPlan, result: LoopResult): void {
  const { total } = result;
  outdate(false);
  effect.show((width) => closedLoopFigure(result, { width }));
  weights.show((width) => loopWeightsFigure(result, plan.spec.record, { width }));
  const share = (value: number) => `${((100 * value) / total.plain).toPrecision(2).replace('-', '−')} %`;
  text('learned').textContent = total.learned.toPrecision(4);
  text('plain').textContent = total.plain.toPrecision(4);
  text('difference').textContent = `${share(total.difference)} ± ${share(total.se ?? 0)}`;
  text('verdict').textContent = verdictOf(total.difference, total.se);
  text('final').textContent = `${total.weightMean.toFixed(3).replace('-', '−')} ± ${total.weightSd.toFixed(3)}`;
  text('size').textContent = `${countText(plan.spec.trials)} trials of ${STEPS} steps`;
}

function verdictOf(difference: number, se: number | null): string {
  if (difference === 0 && se === 0) return 'the same, to the bit';
  if (Math.abs(difference) < 3 * (se ?? Number.POSITIVE_INFINITY)) return 'within three standard errors of none';
  return difference < 0 ? 'learning makes it smaller' : 'learning makes it larger';
}

function outdate(outdated: boolean): void {
  effect.outdated = outdated;
  weights.outdated = outdated;
}

function showProblem(error: unknown): void {
  main.dataset.state = 'failed';
  text('problem').hidden = false;
  text('problem-text').textContent = error instanceof Error ? error.message : String(error);
}

device = await openDevice(location.search);
main.dataset.runtime = device.kind;
text('adapter').textContent = device.kind === 'cpu' ? 'CPU, one thread' : device.name;
text('banner').hidden = device.reason === '';
text('banner-text').textContent = device.reason;
compute(controls.settings);
