import type { Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  agreementOf,
  curveOf,
  fastCpuEngine,
  loopResult,
  openLoopTwin,
  parseLoopSpec,
  parseSpec,
  planExperiment,
  planLoop,
  runLoop,
  simulate,
} from '../src/index.ts';
import { pairingSchemes } from '../src/stdp/pairing-schemes.ts';
import { type OpenedSite, openSite } from './support/site.ts';

let site: OpenedSite;

beforeAll(async () => {
  site = await openSite();
});
afterAll(async () => {
  await site?.close();
  expect(site.complaints).toEqual([]);
});

const openPage = (address: string) => site.page(address);
const done = (page: Page, id: string) => page.waitForSelector(`#${id}[data-state="done"]`, { timeout: 30_000 });
const textOf = (page: Page, selector: string) => page.$eval(selector, (found) => found.textContent ?? '');
const rowsOf = (page: Page) =>
  page.$$eval('#rows tr', (rows) =>
    rows.map((row) => Array.from(row.children, ({ textContent }) => textContent ?? '')),
  );

describe('the page of pairing schemes', () => {
  test.each(['gpu', 'cpu'])(
    'shows what the library computes of every scheme (%s), and follows its controls',
    async (runtime) => {
      const page = await openPage(`schemes.html?runtime=${runtime}#window=12&coincidence=causal`);
      await done(page, 'schemes');
      expect(await page.$eval('#schemes', (main) => (main as HTMLElement).dataset.runtime)).toBe(runtime);
      const rows = await rowsOf(page);
      expect(rows.map(([scheme]) => scheme)).toEqual(pairingSchemes);
      expect(await page.$$eval('.scheme svg', (figures) => figures.length)).toBe(2 * pairingSchemes.length);
      const engine = fastCpuEngine({ threads: 0 });
      for (const index of [2, 5]) {
        const scheme = pairingSchemes[index]!;
        const pairing = { scheme, window: 12, coincidence: 'causal' };
        const plan = planExperiment(parseSpec({ sequences: 200, trials: 200, pairing }));
        const { tallies } = await simulate(engine, plan);
        const { pairs, presynapticSpikes } = curveOf(tallies, plan);
        expect(rows[index]!.slice(1, 3)).toEqual([
          (pairs / presynapticSpikes).toFixed(2),
          agreementOf(tallies, plan).correlation.binned!.toFixed(3),
        ]);
      }
      engine.close();
      await page.select('#kept-scheme', 'triplet');
      const csv = await site.saved(page, '#download-csv', 'triplet.csv');
      const pairs = csv
        .trimEnd()
        .split('\n')
        .slice(1)
        .reduce((sum, row) => sum + Number(row.split(',')[1]), 0);
      expect(pairs).toBeGreaterThan(0);
      expect(await site.saved(page, '#download-svg', 'triplet.svg')).toContain('pairs × kernel');

      await page.select('#choice-coincidence', 'skip');
      await page.select('#choice-post', 'constant');
      await page.waitForFunction(() => location.hash === '#window=12&post=constant');
      await done(page, 'schemes');
      // Where the postsynaptic rate is constant nearest-symmetric changes weights, and a mirrored scheme does not.
      const zOf = ([, , , net]: string[]) => {
        const [mean, se] = net!.replace('−', '-').split(' ± ').map(Number);
        return mean! / se!;
      };
      const constant = await rowsOf(page);
      expect(zOf(constant[pairingSchemes.indexOf('nearest-symmetric')]!)).toBeGreaterThan(4);
      expect(Math.abs(zOf(constant[pairingSchemes.indexOf('nearest-reduced')]!))).toBeLessThan(4);
      await page.close();
    },
  );
});

describe('the page of learning in the loop', () => {
  test('shows what the library computes', async () => {
    const page = await openPage('loop.html?runtime=cpu#eta=0.5&rule=pair&scheme=all-to-all');
    await done(page, 'loop');
    expect(await textOf(page, '#size')).toBe('1\u2009024 trials of 400 steps');
    const plan = planLoop(
      parseLoopSpec({
        ...{ trials: 1024, steps: 400, pre: { epsilon: 0.2 }, post: { epsilon: 0.2 } },
        ...{ loop: { rule: 'pair', eta: 0.5 }, pairing: { scheme: 'all-to-all' } },
      }),
    );
    const { sums } = await runLoop(openLoopTwin(plan), plan);
    const { total } = loopResult(plan, sums);
    expect(await textOf(page, '#learned')).toBe(total.learned.toPrecision(4));
    expect(await textOf(page, '#plain')).toBe(total.plain.toPrecision(4));
    expect(await page.$$eval('.figure svg', (figures) => figures.length)).toBe(2);
    const csv = await site.saved(page, '#download-csv', 'loop.csv');
    expect(csv.split('\n', 1)[0]).toBe('t,steps,e_ds2,e_ds2_plain,difference,se,weight_mean,weight_sd');
    expect(await site.saved(page, '#download-svg', 'loop.svg')).toMatch(/^<\?xml.*<\/svg>\n$/s);
    await page.close();
  });

  test('runs on the GPU where there is one', async () => {
    const page = await openPage('loop.html?runtime=gpu#rule=spike');
    await done(page, 'loop');
    expect(await page.$eval('#loop', (main) => (main as HTMLElement).dataset.runtime)).toBe('gpu');
    expect(await textOf(page, '#size')).toBe('4\u2009096 trials of 400 steps');
    await page.close();
  });

  test('says that without a learning rate both conditions are the same', async () => {
    const page = await openPage('loop.html?runtime=cpu#eta=0');
    await done(page, 'loop');
    expect(await textOf(page, '#verdict')).toBe('the same, to the bit');
    expect(await page.$eval('#choice-scheme', (select) => select.closest('.choice')?.hasAttribute('hidden'))).toBe(
      true,
    );
    await page.close();
  });
});
