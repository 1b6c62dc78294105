import { agreementFigure, svgText, traceFigure } from '../src/figures/index.ts';
import {
  agreementOf,
  defaultSpec,
  EngineError,
  type ExpectedCurve,
  type ExperimentSpec,
  loadRules,
  parseSpec,
  traceOf,
} from '../src/index.ts';
import { csvText } from '../src/io/csv.ts';
import { curveColumns } from '../src/io/result-tables.ts';
import { closedFormOf } from '../src/live/closed-form.ts';
import { Laboratory } from '../src/live/laboratory.ts';
import type { Picture, Run } from '../src/live/run.ts';
import { cpuRuntime, openRuntime, type Runtime } from '../src/live/runtime.ts';
import { type WantedRuntime, wantedRuntime } from '../src/live/runtime-choice.ts';
import { defaultState, hashOf, type PageState, readState, type View, viewWithin } from './address.ts';
import { curveFigure, ruleTexts } from './curve-view.ts';
import { countText, element } from './elements.ts';
import { embedCode } from './embed.ts';
import { FigurePanel } from './figure-panel.ts';
import { AddressBar } from './history.ts';
import { allowDownloads, offerToKeep, specJson } from './keep.ts';
import { clearNumbers, runtimeMessage, showNumbers } from './readout.ts';
import { Sliders } from './sliders.ts';

const experiment = element('experiment', HTMLElement);
const fullSize = element('full-size', HTMLButtonElement);
const problem = element('problem', HTMLElement);
const progress = element('progress', HTMLProgressElement);
const seed = element('seed', HTMLInputElement);
const biology = element('biology', HTMLInputElement);
const closedForm = element('closed-form', HTMLInputElement);
const ruleChoices = [...document.querySelectorAll<HTMLInputElement>('input[name="rule"]')];
const text = (id: string) => element(id, HTMLElement);
const button = (id: string) => element(id, HTMLButtonElement);

const figures = {
  curve: new FigurePanel(text('curve-figure')),
  agreement: new FigurePanel(text('agreement-figure')),
  trace: new FigurePanel(text('trace-figure')),
};
const addressBar = new AddressBar();

let state: PageState = defaultState;
let runtime: Runtime | undefined;
/** Why the last device went away. */
let lostBefore: string | undefined;
/** The current experiment, what is known of it so far, and its closed form for one trial of each sequence. */
let run: Run | undefined;
let picture: Picture | undefined;
let closedFormOfTrial: ExpectedCurve | undefined;
/** The run whose closed form is known or on its way. */
let closedFormOfRun: Run | undefined;

const sliders = new Sliders((change, id) => changeSpec(change(state.spec), id));
const laboratory = openLaboratory();

// Changes.

function changeSpec(spec: ExperimentSpec, gesture: string): void {
  try {
    const accepted = parseSpec(spec);
    setState({ spec: accepted, view: viewWithin(state.view, accepted) });
    addressBar.write(hashOf(state), gesture);
  } catch (error) {
    showProblem('This experiment cannot be run.', error);
  }
}

function changeView(change: Partial<View>, gesture: string): void {
  state = { ...state, view: { ...state.view, ...change } };
  addressBar.write(hashOf(state), gesture);
  // After a bad address, this is the reader's way on.
  if (experiment.dataset.state === 'error') {
    setState(state);
    return;
  }
  showView();
  drawCurve();
  if (state.view.closedForm && run && picture) void addClosedForm(run);
}

/** Takes over an experiment and starts it. */
function setState(next: PageState): void {
  state = next;
  problem.hidden = true;
  sliders.show(state.spec);
  seed.value = String(state.spec.seed);
  showView();
  expectNewRun();
  laboratory.request(state.spec);
}

/** What the page shows is no longer what was asked for. */
function expectNewRun(): void {
  experiment.dataset.state = 'running';
  experiment.dataset.trials = '0';
  experiment.dataset.beside = 'waiting';
  delete experiment.dataset.closedForm;
}

function readAddress(): void {
  addressBar.reset();
  try {
    setState(readState(location.hash));
  } catch (error) {
    laboratory.halt();
    state = defaultState;
    sliders.show(state.spec);
    seed.value = String(state.spec.seed);
    showView();
    showProblem('This address asks for something that cannot be run.', error);
  }
}

// What the laboratory tells.

function openLaboratory(): Laboratory {
  let wanted: WantedRuntime = 'auto';
  try {
    wanted = wantedRuntime(location.search);
  } catch (error) {
    showProblem('This address asks for something that cannot be run.', error);
  }
  const open = async (noGpu: string | undefined) => (noGpu ? cpuRuntime(noGpu, true) : openRuntime(wanted));
  return new Laboratory(open, {
    onRuntime(next, reasonOfLoss) {
      runtime = next;
      lostBefore = reasonOfLoss ?? lostBefore;
      if (reasonOfLoss !== undefined && run) expectNewRun();
      experiment.dataset.runtime = next.kind;
      text('adapter').textContent = next.name;
      announceRuntime();
    },
    onStart(started) {
      run = started;
      picture = undefined;
      closedFormOfTrial = undefined;
      for (const figure of Object.values(figures)) figure.outdated = true;
      announceRuntime();
    },
    onPicture(of, latest) {
      const whole = latest.tallies.region.sequences === of.plan.spec.sequences;
      picture = latest;
      figures.curve.outdated = false;
      drawCurve();
      progress.value = latest.progress;
      showNumbers(of.plan.spec, latest);
      experiment.dataset.firstPicture ??= String(Math.round(performance.now()));
      experiment.dataset.trials = String(latest.tallies.trials);
      experiment.dataset.sequences = String(latest.tallies.region.sequences);
      experiment.dataset.pairs = String(latest.curve.pairs);
      experiment.dataset.presynapticSpikes = String(latest.curve.presynapticSpikes);
      if (of.superseded) return;
      if (whole && state.view.closedForm) void addClosedForm(of);
      if (latest.finished) {
        experiment.dataset.state = 'done';
        whenIdle(() => void drawBeside(of, latest));
      }
    },
    onError: (error) => showProblem('This experiment could not be run to its end.', error),
  });
}

function drawCurve(): void {
  if (!run || !picture) return;
  const { plan } = run;
  const shown = picture;
  figures.curve.show((width) => curveFigure(shown, plan.spec, state.view, closedFormOfTrial, { width }));
  allowDownloads(true);
}

/** Computes the closed form in the gaps between dispatches, once. */
async function addClosedForm(of: Run): Promise<void> {
  if (closedFormOfRun === of || of.stopped) return;
  closedFormOfRun = of;
  await unlessStopped(of, async () => {
    const computed = await closedFormOf(await of.rates(), of.plan);
    if (of.superseded || of !== run) return;
    closedFormOfTrial = computed;
    experiment.dataset.closedForm = 'done';
    drawCurve();
  });
}

/** Agreement, trace and the summary, of an experiment that is finished. */
async function drawBeside(of: Run, { tallies, curve }: Picture): Promise<void> {
  if (of.superseded || of !== run) return;
  const agreement = agreementOf(tallies, of.plan);
  figures.agreement.show((width) => agreementFigure(agreement, { width }));
  figures.agreement.outdated = false;
  const correlation = agreement.correlation.binned?.toFixed(3).replace('-', '−') ?? 'undefined';
  text('correlation').textContent = correlation;
  await drawTrace(of);
  if (of.superseded || of !== run) return;
  experiment.dataset.beside = 'done';
  text('summary').textContent =
    `Finished: ${countText(tallies.region.sequences)} sequences with ${countText(tallies.trials)} trials each, ` +
    `${countText(curve.pairs)} pairs, correlation of the rules ${correlation}.`;
}

async function drawTrace(of: Run): Promise<void> {
  await unlessStopped(of, async () => {
    const { sequence, trial } = viewWithin(state.view, of.plan.spec);
    const trace = traceOf(await of.trial(sequence, trial), of.plan);
    if (of.superseded || of !== run) return;
    figures.trace.show((width) => traceFigure(trace, { width, msPerStep: of.plan.spec.msPerStep }));
    figures.trace.outdated = false;
    text('trace-figure').dataset.trial = `${sequence}:${trial}`;
    text('trace-text').textContent =
      `Sequence ${sequence}, trial ${trial}. Trials of a sequence share their activities and differ in their spikes.`;
  });
}

/** Work beside a run, which is given up with it. */
async function unlessStopped(of: Run, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const lost = error instanceof EngineError && error.code === 'device-lost';
    if (!lost && !of.superseded) showProblem('This experiment could not be run to its end.', error);
  }
}

// What the page says.

function showView(): void {
  const { view } = state;
  for (const choice of ruleChoices) choice.checked = choice.value === view.rule;
  text('rule-text').textContent = ruleTexts[view.rule];
  biology.checked = view.biology;
  closedForm.checked = view.closedForm;
  // The library has a closed form for the rate rule's mean and for the number of pairs.
  closedForm.disabled = view.rule === 'spike';
}

function announceRuntime(): void {
  if (!runtime) return;
  const computed = run?.plan.spec ?? state.spec;
  const { message, reduced } = runtimeMessage(runtime, lostBefore, state.spec, computed);
  element('banner', HTMLElement).hidden = message === '';
  // A message that is put in again is read out again.
  if (text('banner-text').textContent !== message) text('banner-text').textContent = message;
  fullSize.hidden = !reduced;
}

function showProblem(title: string, error: unknown): void {
  experiment.dataset.state = 'error';
  problem.hidden = false;
  text('problem-title').textContent = title;
  text('problem-text').textContent = error instanceof Error ? error.message : String(error);
  picture = undefined;
  progress.value = 0;
  clearNumbers();
  for (const figure of [figures.agreement, figures.trace]) figure.outdated = true;
  allowDownloads(false);
}

function whenIdle(work: () => void): void {
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: 500 });
  else setTimeout(work, 50);
}

// What the reader does.

for (const choice of ruleChoices) {
  choice.addEventListener('change', () => {
    const rule = (['rate', 'spike', 'pair'] as const).find((name) => name === choice.value);
    if (rule) changeView({ rule }, 'rule');
  });
}
biology.addEventListener('change', () => changeView({ biology: biology.checked }, 'biology'));
closedForm.addEventListener('change', () => changeView({ closedForm: closedForm.checked }, 'closed-form'));
seed.addEventListener('input', () => {
  if (seed.checkValidity()) changeSpec({ ...state.spec, seed: seed.valueAsNumber }, 'seed');
});
seed.addEventListener('change', () => seed.reportValidity());
button('next-seed').addEventListener('click', () =>
  changeSpec({ ...state.spec, seed: (state.spec.seed + 1) % 2 ** 32 }, 'next-seed'),
);
button('defaults').addEventListener('click', () => changeSpec(defaultSpec, 'defaults'));
element('controls', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());

function showTrial(change: Partial<View>): void {
  if (!run || !picture) return;
  changeView(change, 'trial');
  void drawTrace(run);
}
button('next-trial').addEventListener('click', () => {
  const { trials } = (run?.plan ?? state).spec;
  showTrial({ trial: (state.view.trial + 1) % trials });
});
button('next-sequence').addEventListener('click', () => {
  const { sequences } = (run?.plan ?? state).spec;
  showTrial({ sequence: (state.view.sequence + 1) % sequences, trial: 0 });
});

fullSize.addEventListener('click', () => {
  laboratory.fullSize = true;
  setState(state);
});
button('use-defaults').addEventListener('click', () => location.assign(location.pathname));

offerToKeep({
  settleAddress: () => addressBar.flush(),
  spec: () => specJson(state.spec),
  embed() {
    const { rule, biology: fit, closedForm: exact } = state.view;
    const shown: [string, string][] = rule === 'rate' ? [] : [['rule', rule]];
    if (fit) shown.push(['biology', '']);
    if (exact) shown.push(['closed-form', '']);
    return embedCode('stdp-curve', state.spec, shown);
  },
  figure() {
    if (!run || !picture) return undefined;
    const figure = curveFigure(picture, run.plan.spec, state.view, closedFormOfTrial, { theme: 'light' });
    return { name: `stdp-curve-${state.view.rule}.svg`, content: svgText(figure) };
  },
  numbers: () => picture && { name: 'curve.csv', content: csvText(curveColumns(picture.curve)) },
});

window.addEventListener('popstate', readAddress);
// An address may hold a rule of the reader's.
await loadRules();
if (experiment.dataset.state !== 'error') readAddress();
