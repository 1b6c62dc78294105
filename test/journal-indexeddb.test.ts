import type { BrowserContext, Page } from 'puppeteer';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LaunchedBrowser, launchBrowser } from '../src/cli/machine/browser.ts';
import { identity } from './journal/entries.ts';
import type { PageJournals, PlainEntry } from './journal/page.ts';

let server: ViteDevServer;
let launched: LaunchedBrowser;
let page: Page;

beforeAll(async () => {
  server = await createServer({
    root: `${import.meta.dirname}/..`,
    configFile: false,
    optimizeDeps: { noDiscovery: true },
    server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
    logLevel: 'error',
  });
  await server.listen();
  launched = await launchBrowser({ adapter: 'software' });
  page = await openTab();
});
afterAll(async () => {
  await launched?.close();
  await server?.close();
});

async function openTab(context: BrowserContext = launched.browser.defaultBrowserContext()): Promise<Page> {
  const tab = await context.newPage();
  const { port } = server.httpServer!.address() as { port: number };
  await tab.goto(`http://127.0.0.1:${port}/test/journal/page.html`);
  await tab.waitForFunction('window.journals !== undefined');
  return tab;
}

async function reload(tab: Page): Promise<void> {
  await tab.reload();
  await tab.waitForFunction('window.journals !== undefined');
}

/** Calls one of the page's journal functions. */
function call<Name extends keyof PageJournals>(
  tab: Page,
  name: Name,
  ...values: Parameters<PageJournals[Name]>
): ReturnType<PageJournals[Name]> {
  const run = (wanted: string, given: unknown[]) =>
    (window.journals as unknown as Record<string, (...given: unknown[]) => unknown>)[wanted]!(...given);
  return tab.evaluate(run, name, values) as ReturnType<PageJournals[Name]>;
}

const few: PlainEntry[] = [
  ['partial', 4, 10],
  ['finished', 0, 100],
  ['partial', 4, 20],
  ['finished', 4, 30],
  ['partial', 2, 5],
  ['finished', 1e9, 7],
];

describe('a journal in IndexedDB', () => {
  test('gives back the latest entry of each point, and again after the tab was reloaded without closing it', async () => {
    expect(await call(page, 'open', 'kept')).toBeUndefined();
    for (let count = 1; count <= few.length; count++) {
      expect(await call(page, 'append', 'kept', few.slice(count - 1, count))).toBeUndefined();
      expect(await call(page, 'difference', 'kept', few.slice(0, count))).toBeUndefined();
    }
    await reload(page);
    expect(await call(page, 'open', 'kept')).toBeUndefined();
    expect(await call(page, 'difference', 'kept', few)).toBeUndefined();
    const more: PlainEntry[] = [
      ['finished', 2, 50],
      ['partial', 7, 1],
    ];
    expect(await call(page, 'append', 'kept', more)).toBeUndefined();
    await reload(page);
    expect(await call(page, 'open', 'kept')).toBeUndefined();
    expect(await call(page, 'difference', 'kept', [...few, ...more])).toBeUndefined();
    await call(page, 'close', 'kept');
  });

  test('takes appends from many places at once, in the order of the calls', async () => {
    const entries = Array.from(
      { length: 60 },
      (_, index): PlainEntry =>
        index % 3 === 2 ? ['finished', index % 7, index] : ['partial', 7 + (index % 5), index],
    );
    await call(page, 'open', 'at once');
    expect(await call(page, 'appendAtOnce', 'at once', entries)).toBeUndefined();
    expect(await call(page, 'difference', 'at once', entries)).toBeUndefined();
    await call(page, 'close', 'at once');
    await call(page, 'open', 'at once');
    expect(await call(page, 'difference', 'at once', entries)).toBeUndefined();
    await call(page, 'close', 'at once');
  });

  test('keeps an outcome when tallies of its point come late', async () => {
    const late: PlainEntry[] = [
      ['finished', 1, 9],
      ['partial', 1, 8],
    ];
    await call(page, 'open', 'late');
    await call(page, 'append', 'late', late);
    await call(page, 'append', 'late', [['partial', 1, 7]]);
    expect(await call(page, 'difference', 'late', [['finished', 1, 9]])).toBeUndefined();
    await call(page, 'close', 'late');
    await call(page, 'open', 'late');
    expect(await call(page, 'difference', 'late', [['finished', 1, 9]])).toBeUndefined();
    await call(page, 'close', 'late');
  });

  test('stores what an array holds, not the memory that it is a part of', async () => {
    await call(page, 'open', 'views');
    const used = () => page.evaluate(async () => (await navigator.storage.estimate()).usage!);
    const before = await used();
    for (let point = 0; point < 3; point++) {
      expect(await call(page, 'appendViews', 'views', point, 5, 1 << 22)).toBeUndefined();
    }
    expect((await used()) - before).toBeLessThan(1 << 22);
    const entries = [0, 1, 2].map((point): PlainEntry => ['partial', point, 5]);
    expect(await call(page, 'difference', 'views', entries)).toBeUndefined();
    await call(page, 'close', 'views');
  });

  test('of another sweep or version is refused and stays as it was', async () => {
    await call(page, 'open', 'mine');
    await call(page, 'append', 'mine', few);
    await call(page, 'close', 'mine');
    expect(await call(page, 'open', 'mine', '2.0.0')).toBe(
      'file: the journal "mine" was written by stdp-webgpu 1.2.3, and this is 2.0.0, which may give other numbers; ' +
        'delete it or choose another name',
    );
    const other = identity.sweep.replace('100', '200');
    expect(await call(page, 'open', 'mine', identity.version, other)).toBe(
      'file: the journal "mine" belongs to another sweep (base.trials 100 ≠ 200); delete it or choose another name',
    );
    expect(await call(page, 'open', 'mine')).toBeUndefined();
    expect(await call(page, 'difference', 'mine', few)).toBeUndefined();
    await call(page, 'close', 'mine');
  });

  test('that a tab has open is refused to another one and cannot be deleted, until the tab ends', async () => {
    const other = await openTab();
    expect(await call(other, 'open', 'shared')).toBeUndefined();
    await call(other, 'append', 'shared', few);
    const refusal = /^file: the journal "shared" is in use, perhaps in another tab/;
    expect(await call(page, 'open', 'shared')).toMatch(refusal);
    expect(await call(page, 'delete', 'shared')).toMatch(refusal);
    await other.close();
    expect(await call(page, 'open', 'shared')).toBeUndefined();
    expect(await call(page, 'difference', 'shared', few)).toBeUndefined();
    await call(page, 'close', 'shared');
  });

  test('is listed with its identity until it is deleted, which leaves the others alone', async () => {
    for (const name of ['one', 'one more']) {
      await call(page, 'open', name);
      await call(page, 'append', name, few);
      await call(page, 'close', name);
    }
    const listed = async () => (await call(page, 'list')).filter(({ name }) => name.startsWith('one'));
    expect(await listed()).toEqual(['one', 'one more'].map((name) => ({ name, identity })));
    expect(await call(page, 'delete', 'one')).toBeUndefined();
    expect(await listed()).toEqual([{ name: 'one more', identity }]);
    await call(page, 'open', 'one');
    expect(await call(page, 'difference', 'one', [])).toBeUndefined();
    await call(page, 'close', 'one');
    await call(page, 'open', 'one more');
    expect(await call(page, 'difference', 'one more', few)).toBeUndefined();
    await call(page, 'close', 'one more');
  });

  test('that the browser has no room for keeps what was recorded before', async () => {
    // In a context of its own, before anything is stored: the browser looks only now and then how much room is left.
    const context = await launched.browser.createBrowserContext();
    const tab = await openTab(context);
    const session = await tab.createCDPSession();
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(tab.url()).origin, quotaSize: 2e6 });
    expect(await call(tab, 'open', 'full')).toBeUndefined();
    expect(await call(tab, 'append', 'full', few)).toBeUndefined();
    const tooMuch: PlainEntry[] = [
      ['finished', 9, 1],
      ['partial', 8, 1, 1_000_000],
    ];
    expect(await call(tab, 'append', 'full', tooMuch)).toMatch(
      /^out-of-memory: the journal "full" cannot be written: the browser gives this site no more storage/,
    );
    expect(await call(tab, 'difference', 'full', few)).toBeUndefined();
    expect(await call(tab, 'append', 'full', [['finished', 9, 1]])).toBeUndefined();
    await reload(tab);
    expect(await call(tab, 'open', 'full')).toBeUndefined();
    expect(await call(tab, 'difference', 'full', [...few, ['finished', 9, 1]])).toBeUndefined();
    await context.close();
  });

  test('made by a later version of the page is refused', async () => {
    // In a context of its own: a database cannot go back to an earlier version.
    const context = await launched.browser.createBrowserContext();
    const tab = await openTab(context);
    await tab.evaluate(
      () =>
        new Promise((resolve) => {
          indexedDB.open('stdp-webgpu sweeps', 2).onsuccess = ({ target }) => {
            (target as IDBOpenDBRequest).result.close();
            resolve(undefined);
          };
        }),
    );
    expect(await call(tab, 'open', 'any')).toMatch(/^file: .* were made by a later version of this page/);
    await context.close();
  });
});
