import { agreementFigure, traceFigure } from '../src/figures/index.ts';
import {
  agreementOf,
  defaultSpec,
  EngineError,
  type ExpectedCurve,
  type ExperimentSpec,
  parseSpec,
  traceOf,
} from '../src/index.ts';
import { defaultState, hashOf, type PageState, readState, type View, viewWithin } from './address.ts';
import { closedFormOf } from './closed-form.ts';
import { curveFigure, curveHeight, ruleTexts } from './curve-view.ts';
import { countText, element, roughText } from './elements.ts';
import { FigurePanel } from './figure-panel.ts';
import { AddressBar } from './history.ts';
import { copyText, saveCsv, saveFigure, specJson } from './keep.ts';
import { Laboratory } from './laboratory.ts';
import type { Picture, Run } from './run.ts';
import { type Runtime, wantedRuntime } from './runtime.ts';
import { Sliders } from './sliders.ts';

const experiment = element('experiment', HTMLElement);
const banner = element('banner', HTMLElement);
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
  curve: new FigurePanel(text('curve-figure'), curveHeight),
  agreement: new FigurePanel(
    text('agreement-figure'),
    (width) => Math.round(0.5 * width + 60) + 42 + (width < 400 ? 18 : 0),
  ),
  trace: new FigurePanel(text('trace-figure'), () => 6 + 3 * (18 + 92) + 40),
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
  showView();
  drawCurve();
  if (state.view.closedForm && run && picture) void addClosedForm(run);
}

/** Takes over an experiment and starts it. */
function setState(next: PageState): void {
  state = next;
  problem.hidden = true;
  text('curve-figure').hidden = false;
  sliders.show(state.spec);
  seed.value = String(state.spec.seed);
  showView();
  experiment.dataset.state = 'running';
  experiment.dataset.trials = '0';
  experiment.dataset.beside = 'waiting';
  laboratory.request(state.spec);
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
  let wanted: 'gpu' | 'cpu' = 'gpu';
  try {
    wanted = wantedRuntime(location.search);
  } catch (error) {
    showProblem('This address asks for something that cannot be run.', error);
  }
  return new Laboratory(wanted, {
    onRuntime(next, reasonOfLoss) {
      runtime = next;
      lostBefore = reasonOfLoss ?? lostBefore;
      experiment.dataset.runtime = next.kind;
      text('adapter').textContent = next.name;
      showBanner();
    },
    onStart(started) {
      run = started;
      picture = undefined;
      closedFormOfTrial = undefined;
      for (const figure of Object.values(figures)) figure.outdated = true;
      showBanner();
    },
    onPicture(of, latest) {
      const first = picture === undefined;
      picture = latest;
      figures.curve.outdated = false;
      drawCurve();
      showNumbers(of, latest);
      if (first && state.view.closedForm) void addClosedForm(of);
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
  button('download-svg').disabled = button('download-csv').disabled = false;
}

/** Computes the closed form in the gaps between dispatches. */
async function addClosedForm(of: Run): Promise<void> {
  if (closedFormOfTrial || of.stopped) return;
  await unlessStopped(of, async () => {
    const computed = await closedFormOf(await of.rates(), of.plan);
    if (of.stopped || of !== run) return;
    closedFormOfTrial = computed;
    experiment.dataset.closedForm = 'done';
    drawCurve();
  });
}

/** Agreement, trace and the summary, of an experiment that is finished. */
async function drawBeside(of: Run, { tallies, curve }: Picture): Promise<void> {
  if (of.stopped || of !== run) return;
  const agreement = agreementOf(tallies, of.plan);
  figures.agreement.show((width) => agreementFigure(agreement, { width }));
  figures.agreement.outdated = false;
  const correlation = agreement.correlation.binned?.toFixed(3).replace('-', '−') ?? 'undefined';
  text('correlation').textContent = correlation;
  await drawTrace(of);
  if (of.stopped || of !== run) return;
  experiment.dataset.beside = 'done';
  text('summary').textContent =
    `Finished: ${countText(tallies.region.sequences)} sequences with ${countText(tallies.trials)} trials each, ` +
    `${countText(curve.pairs)} pairs, correlation of the rules ${correlation}.`;
}

async function drawTrace(of: Run): Promise<void> {
  await unlessStopped(of, async () => {
    const { sequence, trial } = viewWithin(state.view, of.plan.spec);
    const trace = traceOf(await of.trial(sequence, trial), of.plan);
    if (of.stopped || of !== run) return;
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
    if (!lost && !of.stopped) showProblem('This experiment could not be run to its end.', error);
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

function showNumbers({ plan: { spec } }: Run, { tallies, curve, progress: share, trialStepsPerSecond }: Picture): void {
  const { trials, region } = tallies;
  const of = (done: number, all: number) => (done < all ? `${countText(done)} of ${countText(all)}` : countText(all));
  text('size').textContent =
    `${of(region.sequences, spec.sequences)} sequences × ${countText(spec.steps)} steps × ` +
    `${of(trials, spec.trials)} trials`;
  progress.value = share;
  text('pairs').textContent = countText(curve.pairs);
  text('presynaptic-spikes').textContent = countText(curve.presynapticSpikes);
  text('speed').textContent = roughText(trialStepsPerSecond);
  experiment.dataset.firstPicture ??= String(Math.round(performance.now()));
  experiment.dataset.trials = String(trials);
  experiment.dataset.sequences = String(region.sequences);
  experiment.dataset.pairs = String(curve.pairs);
  experiment.dataset.presynapticSpikes = String(curve.presynapticSpikes);
}

function showBanner(): void {
  if (!runtime) return;
  const { spec } = state;
  const small = run?.plan.spec ?? spec;
  const reduced = small.sequences < spec.sequences || small.trials < spec.trials;
  const lines: string[] = [];
  if (lostBefore !== undefined) {
    const then = runtime.kind === 'gpu' ? ' A new one has taken over, and the experiment was started again.' : '';
    lines.push(`The GPU device was lost (${lostBefore.replace(/\.$/, '')}).${then}`);
  }
  if (runtime.kind === 'cpu') {
    lines.push(`${runtime.reason} The same experiment runs on the CPU instead, to the same numbers but slower.`);
    if (reduced) {
      lines.push(
        `It is reduced to the first ${countText(small.sequences)} of ${countText(spec.sequences)} sequences and the ` +
          `first ${countText(small.trials)} of ${countText(spec.trials)} trials.`,
      );
    }
  }
  banner.hidden = lines.length === 0;
  const message = lines.join(' ');
  if (text('banner-text').textContent !== message) text('banner-text').textContent = message;
  fullSize.hidden = !(runtime.kind === 'cpu' && reduced);
}

function showProblem(title: string, error: unknown): void {
  experiment.dataset.state = 'error';
  text('curve-figure').hidden = true;
  problem.hidden = false;
  text('problem-title').textContent = title;
  text('problem-text').textContent = error instanceof Error ? error.message : String(error);
  progress.value = 0;
  text('size').textContent = '';
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

function showTrial(change: Partial<View>, gesture: string): void {
  changeView(change, gesture);
  if (run && picture) void drawTrace(run);
}
button('next-trial').addEventListener('click', () => {
  const { trials } = (run?.plan ?? state).spec;
  showTrial({ trial: (state.view.trial + 1) % trials }, 'trial');
});
button('next-sequence').addEventListener('click', () => {
  const { sequences } = (run?.plan ?? state).spec;
  showTrial({ sequence: (state.view.sequence + 1) % sequences, trial: 0 }, 'trial');
});

fullSize.addEventListener('click', () => {
  laboratory.fullSize = true;
  setState(state);
});
button('use-defaults').addEventListener('click', () => location.assign(location.pathname));

async function copy(what: string, content: string): Promise<void> {
  const copied = await copyText(content);
  text('kept').textContent = copied ? `${what} copied.` : `The browser did not let the page copy. ${what}: ${content}`;
}
button('copy-link').addEventListener('click', () => {
  addressBar.flush();
  void copy('Link', location.href);
});
button('copy-spec').addEventListener('click', () => void copy('Spec', specJson(state.spec)));
button('download-svg').addEventListener('click', () => {
  if (!run || !picture) return;
  const figure = curveFigure(picture, run.plan.spec, state.view, closedFormOfTrial, { theme: 'light' });
  saveFigure(figure, `stdp-curve-${state.view.rule}.svg`);
});
button('download-csv').addEventListener('click', () => {
  if (picture) saveCsv(picture.curve, 'curve.csv');
});

window.addEventListener('popstate', readAddress);
if (experiment.dataset.state !== 'error') readAddress();
