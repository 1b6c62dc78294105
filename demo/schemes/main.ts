import { spikeTimingFigure, svgText } from '../../src/figures/index.ts';
import { pairingSchemes, parseSpec } from '../../src/index.ts';
import { csvText } from '../../src/io/csv.ts';
import { curveColumns } from '../../src/io/result-tables.ts';
import type { Choice, Range, Settings } from '../compute/controls.ts';
import type { Device } from '../compute/device.ts';
import { openLivePage } from '../compute/live-page.ts';
import { element, make } from '../elements.ts';
import { embedCode } from '../embed.ts';
import { allowDownloads, offerToKeep, specJson } from '../keep.ts';
import { runScheme, type SchemeOutcome, schemeSpec } from './comparison.ts';
import { SchemeCard } from './scheme-card.ts';

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

const text = (id: string) => element(id, HTMLElement);
const cards = new Map(pairingSchemes.map((scheme) => [scheme, new SchemeCard(scheme)]));
text('cards').append(...Array.from(cards.values(), ({ element: card }) => card));
const keptScheme = element('kept-scheme', HTMLSelectElement);
keptScheme.append(...pairingSchemes.map((scheme) => make('option', {}, scheme)));
let outcomes: SchemeOutcome[] = [];

const controls = openLivePage(element('schemes', HTMLElement), {
  controls: controlsOfPage,
  compute: computeAll,
  outdate() {
    for (const card of cards.values()) card.outdated = true;
  },
});
const specKept = () =>
  parseSpec(schemeSpec(pairingSchemes.find((name) => name === keptScheme.value)!, controls.settings));
const outcomeKept = () => outcomes.find(({ scheme }) => scheme === keptScheme.value);
offerToKeep({
  embed: () => embedCode('stdp-curve', specKept(), [['rule', 'pair']]),
  spec: () => specJson(specKept()),
  figure() {
    const outcome = outcomeKept();
    if (!outcome) return undefined;
    const { curve, plan, scheme } = outcome;
    const figure = spikeTimingFigure(curve, { rule: 'pair', msPerStep: plan.spec.msPerStep, theme: 'light' });
    return { name: `${scheme}.svg`, content: svgText(figure) };
  },
  numbers() {
    const outcome = outcomeKept();
    return outcome && { name: `${outcome.scheme}.csv`, content: csvText(curveColumns(outcome.curve)) };
  },
});

async function computeAll(settings: Settings, { engine }: Device, signal: AbortSignal): Promise<boolean> {
  outcomes = [];
  for (const scheme of pairingSchemes) {
    const outcome = await runScheme(engine, scheme, settings, signal);
    if (!outcome) return false;
    cards.get(scheme)?.show(outcome);
    outcomes.push(outcome);
    showTable(outcomes);
  }
  allowDownloads(true);
  return true;
}

function showTable(finished: readonly SchemeOutcome[]): void {
  const number = (value: number | null | undefined, digits: number) =>
    typeof value === 'number' ? value.toFixed(digits).replace('-', '−') : '–';
  element('rows', HTMLTableSectionElement).replaceChildren(
    ...finished.map(({ scheme, curve, agreement, net }) =>
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
