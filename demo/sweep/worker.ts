import {
  deleteIndexedDbJournal,
  EngineError,
  listIndexedDbJournals,
  loadRules,
  openIndexedDbJournal,
  parseSweep,
  type SweepSpec,
  version,
} from '../../src/index.ts';
import type { Runtime } from '../../src/live/runtime.ts';
import { gridSize } from '../../src/stdp/sweep/axes.ts';
import { sweepFile } from './files.ts';
import type { Refusal, Reply, Request, StoredSweep } from './messages.ts';
import { outlineOf } from './outline.ts';
import { RuntimeKeeper } from './runtime-keeper.ts';
import { Session } from './session.ts';

/*
 * Everything of a sweep but the drawing: the engine, the analysis, the journal and the tables. The page is told of
 * finished points in batches.
 */

const page = globalThis as unknown as {
  postMessage(reply: Reply, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Request>) => void): void;
};

let runtimes: RuntimeKeeper | undefined;
let runtime: Runtime | undefined;
let session: Session | undefined;
let lastCheck = 0;
/** Ends what takes long: an estimate or a run. */
let long = new AbortController();
/** What uses the session, one after the other. */
let queue: Promise<unknown> = Promise.resolve();

/** A sweep may have a rule of the user's. */
const ready = loadRules();

page.addEventListener('message', ({ data }) => void ready.then(() => handle(data)));

function handle(request: Request): void {
  switch (request.type) {
    case 'begin':
      runtimes = new RuntimeKeeper(request.wanted, (opened) => {
        runtime = opened;
        page.postMessage({ type: 'runtime', kind: opened.kind, name: opened.name, reason: opened.reason });
      });
      break;
    case 'check':
      lastCheck = request.id;
      inTurn((signal) => check(request.id, request.input, signal));
      break;
    case 'run':
      inTurn(run);
      break;
    case 'stop':
      long.abort();
      break;
    case 'watch':
      void told(() => session?.watch(request.points));
      break;
    case 'list':
      void told(list);
      break;
    case 'delete':
      // What runs goes on while another sweep is deleted.
      if (session?.outline.name === request.name) inTurn(() => told(() => remove(request.name)));
      else void told(() => remove(request.name));
      break;
    case 'save':
      void told(() => save(request));
  }
}

/** Does something after what is under way, which is told to end if it takes long. */
function inTurn(work: (signal: AbortSignal) => Promise<void>): void {
  long.abort();
  long = new AbortController();
  const { signal } = long;
  queue = queue.then(() => work(signal));
}

/** The page is told of a failure. */
async function told(work: () => Promise<unknown> | undefined): Promise<void> {
  try {
    await work();
  } catch (error) {
    page.postMessage({ type: 'failed', refusal: refusalOf(error) });
  }
}

async function check(id: number, input: unknown, signal: AbortSignal): Promise<void> {
  if (id !== lastCheck) return;
  try {
    await session?.close();
    session = undefined;
    const { plan, outline } = await outlineOf(input);
    session = new Session(plan, outline, {
      onFinished: (batch, transfer) => page.postMessage({ type: 'finished', batch }, transfer),
      onCurves: (curves) => page.postMessage({ type: 'curves', curves }),
    });
    page.postMessage({ type: 'accepted', id, outline });
    const stored = await listIndexedDbJournals();
    if (stored.some(({ name }) => name === outline.name)) await session.open();
    page.postMessage({ type: 'opened', id });
  } catch (error) {
    page.postMessage({ type: 'refused', id, refusal: refusalOf(error) });
    return;
  }
  if (signal.aborted || session.journal?.finished.size === session.plan.points) return;
  // An estimate that fails is no loss: the run will say what is wrong.
  const seconds = await session.estimate(runtimes!, signal).catch(() => undefined);
  if (seconds !== undefined && !signal.aborted) page.postMessage({ type: 'estimated', id, seconds });
}

async function run(signal: AbortSignal): Promise<void> {
  try {
    await session?.run(runtimes!, signal, ({ trialStepsPerSecond, secondsLeft }) =>
      page.postMessage({ type: 'progress', progress: { trialStepsPerSecond, secondsLeft } }),
    );
    page.postMessage({ type: 'ended' });
  } catch (error) {
    page.postMessage({ type: 'ended', refusal: refusalOf(error) });
  }
}

async function list(): Promise<void> {
  const stored = await listIndexedDbJournals();
  const sweeps: StoredSweep[] = [];
  for (const { name, identity } of stored) {
    const counts = await countsOf(name, identity).catch(() => ({ finished: undefined, points: undefined }));
    sweeps.push({ name, input: JSON.parse(identity.sweep), version: identity.version, ...counts });
  }
  page.postMessage({ type: 'stored', sweeps });
}

async function countsOf(name: string, identity: { readonly sweep: string; readonly version: string }) {
  if (session?.outline.name === name) {
    return { finished: session.journal?.finished.size ?? 0, points: session.plan.points };
  }
  if (identity.version !== version) return { finished: undefined, points: undefined };
  const spec: SweepSpec = JSON.parse(identity.sweep);
  const journal = await openIndexedDbJournal(name, identity);
  const finished = journal.finished.size;
  await journal.close();
  return { finished, points: gridSize(spec) * spec.replicates };
}

async function remove(name: string): Promise<void> {
  if (session?.outline.name === name) await session.close();
  await deleteIndexedDbJournal(name);
  await list();
}

async function save({ file, format, name }: Extract<Request, { type: 'save' }>): Promise<void> {
  const current = session?.outline.name === name && session.journal ? session : undefined;
  const { plan, journal } = current ?? (await storedSweep(name));
  try {
    const described = runtime ? { runtime: runtime.kind, adapter: runtime.name } : null;
    const facts = { runtime: described, seconds: current?.seconds ?? null };
    page.postMessage({ type: 'saved', ...(await sweepFile(file, format, plan, journal!, facts)) });
  } finally {
    if (!current) await journal?.close();
  }
}

async function storedSweep(name: string) {
  const found = (await listIndexedDbJournals()).find((stored) => stored.name === name);
  if (!found) throw new EngineError('file', 'this browser has nothing of this sweep yet');
  const plan = parseSweep(JSON.parse(found.identity.sweep));
  return { plan, journal: await openIndexedDbJournal(name, found.identity) };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof EngineError) return { message: error.message, path: error.path };
  return { message: error instanceof Error ? error.message : String(error) };
}
