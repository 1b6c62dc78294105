import { EngineError } from '../src/errors.ts';
import { GpuContext } from '../src/gpu/context.ts';
import { type Compared, rooflineChart, speedChart } from './charts.ts';
import { earlierReports, machineName } from './earlier.ts';
import { adapterOf } from './machine.ts';
import type { PageOutcome } from './page-api.ts';
import type { BenchReport, BenchResult, Machine } from './report.ts';
import { type Bench, runSuite, type SuiteOptions, type SuiteProgress } from './suite.ts';
import { cells, columns, comparisons, large } from './table.ts';

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const start = element<HTMLButtonElement>('start');
const save = element<HTMLButtonElement>('save');
const quick = element<HTMLInputElement>('quick');
const state = element('state');
const bar = element<HTMLProgressElement>('progress');

const charts: Readonly<Record<string, (compared: Compared) => Element | undefined>> = {
  'by-trials': (compared) => speedChart('trials', compared),
  'by-sequences': (compared) => speedChart('sequences', compared),
  roofline: rooflineChart,
};

let report: BenchReport | undefined;

start.addEventListener('click', () => void runHere());
save.addEventListener('click', () => report && download(report));
window.stdpBench = { run: (options) => runAndShow(options) };
head('results', columns);
showMachines();
showCharts();
addEventListener('resize', showCharts);

async function runHere(): Promise<void> {
  const outcome = await runAndShow({ quick: quick.checked });
  if (!outcome.ok) state.textContent = outcome.message;
}

/** Runs the suite and shows it as it goes. */
async function runAndShow(options: Pick<SuiteOptions, 'quick' | 'only'>): Promise<PageOutcome> {
  start.disabled = true;
  save.hidden = true;
  bar.hidden = false;
  bar.value = 0;
  element('own').hidden = false;
  element('notes').replaceChildren();
  body('results').replaceChildren();
  const bench = await openBench();
  try {
    report = await runSuite(bench, { ...options, onProgress: showProgress });
    for (const sentence of comparisons(report)) note(sentence);
    const wrong = report.results.filter(({ correct }) => !correct).length;
    state.textContent =
      wrong === 0 ? 'Done; the closed form agrees with every run.' : `Done; ${wrong} results are wrong.`;
    save.hidden = false;
    showMachines();
    showCharts();
    return { ok: true, report };
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, code: error instanceof EngineError ? error.code : undefined, message };
  } finally {
    start.disabled = false;
    bar.hidden = true;
    bench.context?.destroy();
  }
}

/** The GPU where there is one; without it, what runs on the CPU is still measured. */
async function openBench(): Promise<Bench> {
  const browser: Pick<Machine, 'runtime' | 'browser' | 'flags' | 'platform' | 'cores'> = {
    runtime: 'browser',
    browser: browserName(),
    flags: [],
    platform: navigator.platform,
    cores: navigator.hardwareConcurrency,
  };
  try {
    const context = await GpuContext.create({ powerPreference: 'high-performance' });
    return { machine: { ...browser, ...adapterOf(context) }, context };
  } catch (error) {
    note(`No GPU: ${error instanceof Error ? error.message : error}.`);
    const without = { adapter: 'no GPU', software: true, vendor: '', architecture: '', driver: null };
    return { machine: { ...browser, ...without } };
  }
}

function browserName(): string {
  const found = /(Firefox|Edg|Chrome|Version)\/[\d.]+/.exec(navigator.userAgent)?.[0];
  return found?.replace('Version', 'Safari') ?? navigator.userAgent;
}

function showProgress(progress: SuiteProgress): void {
  const { running, done, total, results, leftOut } = progress;
  if (running.length > 0) state.textContent = `Measuring ${running.join(', ')} …`;
  bar.value = done / total;
  for (const result of results) showResult(result);
  for (const { name, reason } of leftOut) note(`${name} is left out: ${reason}.`);
  window.stdpBenchProgress?.(progress);
}

function showResult(result: BenchResult): void {
  const added = row('td', cells(result));
  added.title = result.what;
  added.classList.toggle('wrong', !result.correct);
  body('results').append(added);
}

function showMachines(): void {
  const named = earlierReports.map((earlier) => [machineName(earlier), earlier] as const);
  const reports = report ? [['this machine', report] as const, ...named] : named;
  const names = [...new Set(reports.flatMap(([, { results }]) => results.map(({ name }) => name)))];
  head('machines', ['', ...reports.map(([machine]) => machine)]);
  const speedOf = ({ results }: BenchReport, wanted: string) => {
    const found = results.find(({ name }) => name === wanted);
    return found ? large(found.gpu_trial_steps_per_s ?? found.trial_steps_per_s) : '–';
  };
  const peaks = reports.map(([, { peak_ops_per_s }]) => (peak_ops_per_s === null ? '–' : large(peak_ops_per_s)));
  body('machines').replaceChildren(
    ...names.map((name) => row('td', [name, ...reports.map(([, one]) => speedOf(one, name))])),
    row('td', ['integer operations per second', ...peaks]),
  );
}

/** Draws the charts as wide as the page has room for them. */
function showCharts(): void {
  for (const [id, draw] of Object.entries(charts)) {
    const place = element(id);
    const chart = draw({ own: report, earlier: earlierReports, width: place.clientWidth });
    place.replaceChildren(chart ?? 'A full benchmark draws this.');
  }
}

function head(table: string, texts: readonly string[]): void {
  element<HTMLTableElement>(table).tHead!.replaceChildren(row('th', texts));
}

function body(table: string): HTMLTableSectionElement {
  return element<HTMLTableElement>(table).tBodies[0]!;
}

function row(tag: 'td' | 'th', texts: readonly string[]): HTMLTableRowElement {
  const made = document.createElement('tr');
  for (const text of texts) made.append(Object.assign(document.createElement(tag), { textContent: text }));
  return made;
}

function note(text: string): void {
  element('notes').append(Object.assign(document.createElement('li'), { textContent: text }));
}

function download(value: BenchReport): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(value, null, 2)}\n`], { type: 'application/json' }));
  const name = value.adapter.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  Object.assign(document.createElement('a'), { href: url, download: `${name}.json` }).click();
  URL.revokeObjectURL(url);
}
