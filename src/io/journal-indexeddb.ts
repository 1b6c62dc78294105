import { EngineError } from '../errors.ts';
import { copyTallies } from '../stdp/sweep/copy-tallies.ts';
import type { Journal, JournalEntry, JournalIdentity } from '../stdp/sweep/journal.ts';
import { requireSameIdentity } from '../stdp/sweep/journal-identity.ts';
import { JournalPoints } from '../stdp/sweep/journal-points.ts';
import type { PointOutcome } from '../stdp/sweep/outcome.ts';
import type { Tallies } from '../stdp/tallies.ts';

const databaseName = 'stdp-webgpu sweeps';

/** Version of what the database holds: 1 = the stores below. */
const databaseVersion = 1;

type StoreName = 'headers' | 'outcomes' | 'partials';

/** What the store `headers` holds of a journal; the key is the name. */
interface Header extends JournalIdentity {
  readonly name: string;
}

/** The store that holds the entries of a kind; the key is [name, point]. */
const storeOf = { finished: 'outcomes', partial: 'partials' } as const satisfies Record<string, StoreName>;

/** A journal that this browser keeps for this site. */
export interface StoredJournal {
  readonly name: string;
  readonly identity: JournalIdentity;
}

/**
 * Opens the journal of a sweep in the browser's IndexedDB, or starts a new one. While it is open, other tabs are kept
 * out (where the browser has `navigator.locks`, which needs a secure context).
 *
 * @param name of the journal among those of this site.
 * @throws EngineError `file` if the journal belongs to another sweep or version of this package (it is not changed then),
 *   if another tab has it open, or if the browser refuses; `out-of-memory` if the browser gives no more storage.
 */
export async function openIndexedDbJournal(name: string, identity: JournalIdentity): Promise<Journal> {
  const release = await lockJournal(name);
  try {
    const database = await openDatabase();
    try {
      await writeOrCheckHeader(database, name, identity);
      return await journalOf(database, name, release);
    } catch (error) {
      database.close();
      throw storageError(placeOf(name), 'cannot be opened', error);
    }
  } catch (error) {
    release();
    throw error;
  }
}

/** The journals that this browser keeps for this site. @throws EngineError `file` if the browser refuses. */
export async function listIndexedDbJournals(): Promise<StoredJournal[]> {
  return withDatabase(async (database) => {
    const headers = database.transaction('headers').objectStore('headers');
    const found: Header[] = await resultOf(headers.getAll());
    return found.map(({ name, sweep, version }) => ({ name, identity: { sweep, version } }));
  });
}

/** Deletes a journal, if there is one. @throws EngineError `file` if it is open, here or in another tab. */
export async function deleteIndexedDbJournal(name: string): Promise<void> {
  const release = await lockJournal(name);
  try {
    await withDatabase(async (database) => {
      const transaction = writing(database, ['headers', 'outcomes', 'partials']);
      transaction.objectStore('headers').delete(name);
      transaction.objectStore('outcomes').delete(pointsOf(name));
      transaction.objectStore('partials').delete(pointsOf(name));
      await completion(transaction);
    });
  } finally {
    release();
  }
}

async function writeOrCheckHeader(database: IDBDatabase, name: string, identity: JournalIdentity): Promise<void> {
  const transaction = writing(database, ['headers']);
  const headers = transaction.objectStore('headers');
  const found: Header | undefined = await resultOf(headers.get(name));
  if (found) requireSameIdentity(placeOf(name), found, identity, 'delete it or choose another name');
  else headers.put({ name, sweep: identity.sweep, version: identity.version } satisfies Header);
  await completion(transaction);
}

async function journalOf(database: IDBDatabase, name: string, release: () => void): Promise<Journal> {
  const points = new JournalPoints();
  for (const kind of ['finished', 'partial'] as const) {
    const store = database.transaction(storeOf[kind]).objectStore(storeOf[kind]);
    const keys = (await resultOf(store.getAllKeys(pointsOf(name)))) as [string, number][];
    for (const [, point] of keys) points.note(kind, point);
  }

  const read = async (kind: 'finished' | 'partial', point: number): Promise<unknown> => {
    points.require(kind, point);
    try {
      const store = database.transaction(storeOf[kind]).objectStore(storeOf[kind]);
      const value: unknown = await resultOf(store.get([name, point]));
      if (value === undefined) throw new Error(`the browser has lost point ${point}`);
      return value;
    } catch (error) {
      throw storageError(placeOf(name), 'cannot be read', error);
    }
  };

  const write = async (entries: readonly JournalEntry[]) => {
    try {
      const transaction = writing(database, ['outcomes', 'partials']);
      const done = completion(transaction);
      try {
        for (const entry of entries) putEntry(transaction, name, entry);
      } catch (error) {
        transaction.abort();
        await done.catch(() => undefined);
        throw error;
      }
      await done;
    } catch (error) {
      throw storageError(placeOf(name), 'cannot be written', error);
    }
    for (const { kind, point } of entries) points.note(kind, point);
  };

  let appends: Promise<unknown> = Promise.resolve();
  return {
    finished: points.finished,
    partial: points.partial,
    readOutcome: async (point) => (await read('finished', point)) as PointOutcome,
    readPartial: async (point) => (await read('partial', point)) as Tallies,
    append: async (entries) => {
      // Copied at once, so that what the caller does to its arrays afterwards changes nothing; and because the browser
      // stores the whole memory that an array is a view of.
      const copies = entries.map((entry) =>
        entry.kind === 'finished' ? entry : { ...entry, tallies: copyTallies(entry.tallies) },
      );
      const appended = appends.then(() => write(copies));
      appends = appended.catch(() => undefined);
      return appended;
    },
    close: async () => {
      await appends;
      database.close();
      release();
    },
  };
}

function putEntry(transaction: IDBTransaction, name: string, entry: JournalEntry): void {
  const key = [name, entry.point];
  if (entry.kind === 'partial') {
    transaction.objectStore('partials').put(entry.tallies, key);
  } else {
    transaction.objectStore('outcomes').put(entry.outcome, key);
    transaction.objectStore('partials').delete(key);
  }
}

/** Keys of all points of a journal. */
function pointsOf(name: string): IDBKeyRange {
  return IDBKeyRange.bound([name, 0], [name, Number.POSITIVE_INFINITY]);
}

/** When it completes, the system was told to write the data to the disk. */
function writing(database: IDBDatabase, stores: StoreName[]): IDBTransaction {
  return database.transaction(stores, 'readwrite', { durability: 'strict' });
}

async function withDatabase<T>(work: (database: IDBDatabase) => Promise<T>): Promise<T> {
  const database = await openDatabase();
  try {
    return await work(database);
  } catch (error) {
    throw storageError('the journals of this browser', 'cannot be used', error);
  } finally {
    database.close();
  }
}

async function openDatabase(): Promise<IDBDatabase> {
  try {
    const request = indexedDB.open(databaseName, databaseVersion);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('headers' satisfies StoreName, { keyPath: 'name' });
      request.result.createObjectStore('outcomes' satisfies StoreName);
      request.result.createObjectStore('partials' satisfies StoreName);
    };
    const blocked = new Promise<never>((_, reject) => {
      request.onblocked = () => reject(new Error('a tab with another version of this page is open; close it'));
    });
    return await Promise.race([resultOf(request), blocked]);
  } catch (error) {
    throw storageError('the journals of this browser', 'cannot be opened', error);
  }
}

/** A reload may start before the lock of the page that it replaces is given back. */
const lockWaitMs = 1000;

/**
 * Keeps other tabs from a journal.
 *
 * @returns what gives it back; the browser does so when the tab ends.
 * @throws EngineError `file` if it is held.
 */
async function lockJournal(name: string): Promise<() => void> {
  if (globalThis.navigator?.locks === undefined) return () => undefined;
  return new Promise((resolve, reject) => {
    const hold = () => new Promise<void>((release) => resolve(release));
    navigator.locks
      .request(`${databaseName}: ${name}`, { signal: AbortSignal.timeout(lockWaitMs) }, hold)
      .catch((cause: Error) => {
        const late = cause.name === 'TimeoutError' || cause.name === 'AbortError';
        const what = late ? 'is in use, perhaps in another tab' : `cannot be locked (${cause.message})`;
        const remedy = 'close the other tab or choose another name';
        const details = { path: placeOf(name), expected: remedy, cause };
        reject(new EngineError('file', `${placeOf(name)} ${what}; ${remedy}`, details));
      });
  });
}

function placeOf(name: string): string {
  return `the journal "${name}"`;
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function completion(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
  });
}

function storageError(place: string, what: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const details = { path: place, cause: error };
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === 'QuotaExceededError') {
    const full = 'the browser gives this site no more storage, and what was recorded before is intact';
    return new EngineError(
      'out-of-memory',
      `${place} ${what}: ${full}; delete other journals or free disk space`,
      details,
    );
  }
  if (name === 'VersionError') {
    return new EngineError(
      'file',
      `${place} ${what}: they were made by a later version of this page; reload it`,
      details,
    );
  }
  return new EngineError('file', `${place} ${what} (${message})`, details);
}
