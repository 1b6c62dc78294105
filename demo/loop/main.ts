import { closedLoopFigure, loopWeightsFigure, svgText } from '../../src/figures/index.ts';
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
import { csvText } from '../../src/io/csv.ts';
import { loopColumns } from '../../src/io/loop-tables.ts';
import type { Choice, Range, Settings } from '../compute/controls.ts';
import type { Device } from '../compute/device.ts';
import { openLivePage } from '../compute/live-page.ts';
import { countText, element } from '../elements.ts';
import { frameCode } from '../embed.ts';
import { FigurePanel } from '../figure-panel.ts';
import { allowDownloads, offerToKeep, specJson } from '../keep.ts';

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

const progress = element('progress', HTMLProgressElement);
const text = (id: string) => element(id, HTMLElement);
const effect = new FigurePanel(text('effect-figure'));
const weights = new FigurePanel(text('weights-figure'));
let latest: LoopResult | undefined;

const controls = openLivePage(element('loop', HTMLElement), {
  controls: controlsOfPage,
  compute: computeAll,
  outdate: () => outdate(true),
  nameOf: (device) => (device.kind === 'cpu' ? 'CPU, one thread' : device.name),
});
offerToKeep({
  embed: () => frameCode('Learning in the loop'),
  spec: () => specJson(parseLoopSpec(specOf(controls.settings, TRIALS.gpu))),
  figure: () => latest && { name: 'loop.svg', content: svgText(closedLoopFigure(latest, { theme: 'light' })) },
  numbers: () => latest && { name: 'loop.csv', content: csvText(loopColumns(latest)) },
});

function specOf({ rule, scheme, input, eta, epsilon, weight, bounds }: Settings, trials: number): object {
  return {
    ...{ trials, steps: STEPS, pre: { epsilon }, post: { epsilon }, pairing: { scheme } },
    loop: { rule, input, eta, initialWeight: weight, bounds: { type: bounds } },
  };
}

/** A picture of a few trials, then of all: trials are what they are, however many there are. */
async function computeAll(settings: Settings, device: Device, signal: AbortSignal): Promise<boolean> {
  for (const trials of [FIRST_TRIALS, TRIALS[device.kind]]) {
    const plan = planLoop(parseLoopSpec(specOf(settings, trials)));
    const run = device.context ? await openGpuLoop(device.context, plan) : openLoopTwin(plan);
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      progress.value = done / total;
    };
    const { sums, interrupted } = await runLoop(run, plan, { signal, onProgress });
    if (interrupted) return false;
    show(plan, loopResult(plan, sums));
  }
  return true;
}

function show(plan: LoopPlan, result: LoopResult): void {
  const { total } = result;
  latest = result;
  allowDownloads(true);
  outdate(false);
  effect.show((width) => closedLoopFigure(result, { width }));
  weights.show((width) => loopWeightsFigure(result, plan.spec.record, { width }));
  const share = (value: number, digits: number) =>
    `${((100 * value) / total.plain).toPrecision(digits).replace('-', '−')} %`;
  text('learned').textContent = total.learned.toPrecision(4);
  text('plain').textContent = total.plain.toPrecision(4);
  text('difference').textContent = `${share(total.difference, 3)} ± ${share(total.se ?? 0, 2)}`;
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
