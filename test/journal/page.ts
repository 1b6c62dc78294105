import { EngineError } from '../../src/errors.ts';
import { deleteIndexedDbJournal, listIndexedDbJournals, openIndexedDbJournal } from '../../src/io/journal-indexeddb.ts';
import type { Journal } from '../../src/stdp/sweep/journal.ts';
import { differenceFrom, finished, identity, partial } from './entries.ts';

/** What the tests have a page do; names of journals are the tests' own. */
const journals = {
  open: (name: string, version = identity.version, sweep = identity.sweep) =>
    attempt(async () => {
      opened.set(name, await openIndexedDbJournal(name, { sweep, version }));
    }),
  append: (name: string, entries: readonly PlainEntry[]) => attempt(() => opened.get(name)!.append(entriesOf(entries))),
  appendAtOnce: (name: string, entries: readonly PlainEntry[]) =>
    attempt(() => Promise.all(entriesOf(entries).map((entry) => opened.get(name)!.append([entry])))),
  /** Appends tallies that are views of a larger memory, and overwrites them at once. */
  appendViews: (name: string, point: number, trials: number, slack: number) =>
    attempt(async () => {
      const [entry] = entriesOf([['partial', point, trials]]);
      if (entry?.kind !== 'partial') throw new Error('no tallies');
      const memory = new Uint32Array(entry.tallies.pairs.length + slack);
      const pairs = memory.subarray(0, entry.tallies.pairs.length);
      pairs.set(entry.tallies.pairs);
      const appended = opened.get(name)!.append([{ ...entry, tallies: { ...entry.tallies, pairs } }]);
      pairs.fill(0);
      await appended;
    }),
  difference: (name: string, entries: readonly PlainEntry[]) => differenceFrom(opened.get(name)!, entriesOf(entries)),
  close: (name: string) => opened.get(name)!.close(),
  list: listIndexedDbJournals,
  delete: (name: string) => attempt(() => deleteIndexedDbJournal(name)),
};

/** An entry that can be sent into a page: the numbers that make it. */
export type PlainEntry = readonly [kind: 'finished' | 'partial', point: number, trials: number, cells?: number];

export type PageJournals = typeof journals;

declare global {
  interface Window {
    journals?: PageJournals;
  }
}

const opened = new Map<string, Journal>();

function entriesOf(entries: readonly PlainEntry[]) {
  return entries.map(([kind, point, trials, cells]) =>
    kind === 'finished' ? finished(point, trials) : partial(point, trials, cells),
  );
}

/** Gives what went wrong. */
async function attempt(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof EngineError) return `${error.code}: ${error.message}`;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

window.journals = journals;
