import { duration } from '../../src/io/duration.ts';
import { parseJson } from '../../src/io/parse-json.ts';
import { wantedRuntime } from '../../src/live/runtime-choice.ts';
import { numbersIn } from '../../src/stdp/sweep/number-path.ts';
import { countText, element, roughText } from '../elements.ts';
import { frameCode } from '../embed.ts';
import { AddressBar } from '../history.ts';
import { copy, specJson } from '../keep.ts';
import { saveBlob } from '../save.ts';
import { Figures } from './figures.ts';
import type { Refusal, Reply, Request, StoredSweep, SweepFile, SweepOutline, TableFormat } from './messages.ts';
import { showStored } from './stored-list.ts';
import { hashOfSweep, readAddress, type SweepAddress } from './sweep-address.ts';
import { SweepForm, type SweepInput } from './sweep-form.ts';

/** A sweep that is being typed is checked when its writer pauses. */
const TYPING_MS = 350;

const explorer = element('explorer', HTMLElement);
const progress = element('progress', HTMLProgressElement);
const runButton = element('run', HTMLButtonElement);
const stopButton = element('stop', HTMLButtonElement);
const text = (id: string) => element(id, HTMLElement);

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'sweep' });
const ask = (request: Request) => worker.postMessage(request);
const addressBar = new AddressBar();

let sweep: SweepInput = {};
let outline: SweepOutline | undefined;
/** What the address wants to be shown of the next sweep. */
let wantedView: Pick<SweepAddress, 'measure' | 'x' | 'y'> = { measure: undefined, x: undefined, y: undefined };
/** A stored sweep that the address names, until the list of them is there. */
let wantedStored: string | undefined;
let checks = 0;
let typing: ReturnType<typeof setTimeout> | undefined;
let secondsEstimated: number | undefined;

const figures = new Figures({
  onWatch: (points) => ask({ type: 'watch', points }),
  onView: () => writeAddress('view'),
});
const form = new SweepForm(
  (changed) => changeSweep(changed),
  (json) => {
    try {
      const parsed = parseJson(json, 'sweep');
      form.show(Object(parsed) as SweepInput, true);
      changeSweep(parsed as SweepInput);
    } catch (error) {
      refuse({ message: String((error as Error).message) });
    }
  },
);

worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => hear(data));
worker.addEventListener('error', (event) => refuse({ message: `The worker could not be started. ${event.message}` }));

// The sweep.

function changeSweep(changed: SweepInput): void {
  sweep = changed;
  clearTimeout(typing);
  setState('checking');
  typing = setTimeout(() => {
    check();
    writeAddress('sweep');
  }, TYPING_MS);
}

/** Takes over a sweep from elsewhere. */
function showSweep(taken: SweepInput): void {
  sweep = taken;
  form.show(sweep);
  check();
}

function check(): void {
  clearTimeout(typing);
  setState('checking');
  ask({ type: 'check', id: ++checks, input: sweep });
}

function hear(reply: Reply): void {
  switch (reply.type) {
    case 'runtime':
      explorer.dataset.runtime = reply.kind;
      text('adapter').textContent = reply.name;
      showBanner(reply.reason === '' ? '' : `${reply.reason} The sweep runs on the CPU, with the same numbers.`);
      break;
    case 'accepted':
      if (reply.id === checks) accept(reply.outline);
      break;
    case 'refused':
      if (reply.id === checks) refuse(reply.refusal);
      break;
    case 'opened':
      if (reply.id === checks) settle();
      break;
    case 'estimated':
      if (reply.id !== checks) break;
      secondsEstimated = reply.seconds;
      showWork();
      break;
    case 'finished':
      figures.add(reply.batch);
      showProgress();
      break;
    case 'progress': {
      const { trialStepsPerSecond, secondsLeft } = reply.progress;
      text('speed').textContent = roughText(trialStepsPerSecond);
      text('left').textContent = secondsLeft === undefined ? '–' : duration(secondsLeft);
      break;
    }
    case 'curves':
      figures.addCurves(reply.curves);
      break;
    case 'ended':
      settle();
      if (reply.refusal) showProblem('The sweep was broken off.', reply.refusal);
      ask({ type: 'list' });
      break;
    case 'stored':
      takeStored(reply.sweeps);
      break;
    case 'saved':
      saveBlob(reply.content, reply.name);
      text('kept').textContent = `${reply.name} is saved.`;
      break;
    case 'failed':
      text('kept').textContent = reply.refusal.message;
  }
}

function accept(accepted: SweepOutline): void {
  outline = accepted;
  secondsEstimated = undefined;
  text('problem').hidden = true;
  form.showProblem(undefined);
  form.proposePaths(numbersIn(accepted.base));
  figures.show(accepted, wantedView);
  wantedView = { measure: undefined, x: undefined, y: undefined };
  text('speed').textContent = text('left').textContent = '–';
  showWork();
  showProgress();
}

function refuse(refusal: Refusal): void {
  outline = undefined;
  setState('error');
  form.showProblem(refusal);
  showProblem('This sweep cannot be run.', refusal);
  text('work').textContent = '';
}

function showProblem(title: string, { message }: Refusal): void {
  text('problem').hidden = false;
  text('problem-title').textContent = title;
  text('problem-text').textContent = message;
}

/** Nothing runs: the sweep is complete, begun, or not yet begun. */
function settle(): void {
  const done = figures.done;
  setState(done === outline?.points ? 'done' : done > 0 ? 'paused' : 'ready');
  showProgress();
  figures.settle();
  text('left').textContent = '–';
}

type State = 'checking' | 'ready' | 'running' | 'stopping' | 'paused' | 'done' | 'error';

function setState(state: State): void {
  explorer.dataset.state = state;
  const busy = state === 'running' || state === 'stopping';
  form.disabled = busy;
  runButton.hidden = busy;
  runButton.disabled = state === 'checking' || state === 'error' || state === 'done';
  runButton.textContent = state === 'paused' ? 'Continue' : state === 'done' ? 'Complete' : 'Run the sweep';
  stopButton.hidden = !busy;
  stopButton.disabled = state === 'stopping';
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-save]'))
    button.disabled = figures.done === 0;
}

function showWork(): void {
  if (!outline) return;
  const { points, trialSteps, until } = outline;
  const most = until ? 'at most ' : '';
  const left = secondsEstimated === undefined ? '' : `, ${most}about ${duration(secondsEstimated)}`;
  text('work').textContent = `${countText(points)} points, ${most}${roughText(trialSteps)} trial-steps${left}.`;
}

function showProgress(): void {
  if (!outline) return;
  const { done, notConverged } = figures;
  const { points } = outline;
  progress.max = points;
  progress.value = done;
  explorer.dataset.done = String(done);
  text('points').textContent = done < points ? `${countText(done)} of ${countText(points)}` : countText(points);
  text('not-converged').textContent =
    outline.until && notConverged > 0 ? `${countText(notConverged)} without the precision asked for` : '';
  const share = Math.floor((100 * done) / points);
  document.title = explorer.dataset.state === 'running' ? `${share} % · Sweep explorer` : 'Sweep explorer';
}

function showBanner(message: string): void {
  text('banner').hidden = message === '';
  if (text('banner-text').textContent !== message) text('banner-text').textContent = message;
}

// The address.

function writeAddress(gesture: string): void {
  addressBar.write(hashOfSweep(sweep, outline?.name, figures.view), gesture);
}

function followAddress(): void {
  addressBar.reset();
  ask({ type: 'stop' });
  try {
    const address = readAddress(location.hash);
    wantedView = address;
    if (address.stored === undefined) {
      showSweep(address.input as SweepInput);
    } else {
      wantedStored = address.stored;
      setState('checking');
    }
  } catch (error) {
    form.show({});
    refuse({ message: (error as Error).message });
  }
  ask({ type: 'list' });
}

function takeStored(sweeps: readonly StoredSweep[]): void {
  if (wantedStored !== undefined) {
    const found = sweeps.find(({ name }) => name === wantedStored);
    if (found) showSweep(found.input as SweepInput);
    else
      refuse({ message: `This browser has no sweep ${JSON.stringify(wantedStored)}: the address is of another one.` });
    wantedStored = undefined;
  }
  showStored(sweeps, figures.done > 0 ? outline?.name : undefined, {
    onOpen(stored) {
      showSweep(stored.input as SweepInput);
      writeAddress('stored');
      ask({ type: 'list' });
      explorer.scrollIntoView({ behavior: 'smooth' });
    },
    onSave: ({ name }) => ask({ type: 'save', file: 'points', format: 'csv', name }),
    onDelete({ name }) {
      ask({ type: 'delete', name });
      if (name === outline?.name) check();
    },
  });
}

// What the reader does.

runButton.addEventListener('click', () => {
  setState('running');
  stopButton.focus();
  // Keeps the browser from clearing the journal when the disk is nearly full; it works without.
  void navigator.storage?.persist?.();
  ask({ type: 'run' });
});
stopButton.addEventListener('click', () => {
  setState('stopping');
  ask({ type: 'stop' });
});
element('controls', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
element('reset', HTMLButtonElement).addEventListener('click', () => {
  history.pushState(null, '', location.pathname + location.search);
  followAddress();
});
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-save]')) {
  button.addEventListener('click', () => {
    if (!outline) return;
    const format = element('format', HTMLSelectElement).value as TableFormat;
    ask({ type: 'save', file: button.dataset.save as SweepFile, format, name: outline.name });
  });
}
element('copy-link', HTMLButtonElement).addEventListener('click', () => {
  addressBar.flush();
  void copy('Link', location.href);
});
element('copy-embed', HTMLButtonElement).addEventListener('click', () => {
  addressBar.flush();
  void copy('Embed code', frameCode('A sweep of spike-timing experiments'));
});
element('copy-spec', HTMLButtonElement).addEventListener('click', () => void copy('Spec', specJson(sweep)));
window.addEventListener('popstate', followAddress);

try {
  ask({ type: 'begin', wanted: wantedRuntime(location.search) });
  followAddress();
} catch (error) {
  form.show({});
  refuse({ message: (error as Error).message });
}
