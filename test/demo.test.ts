import type { Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOf, readState } from '../demo/address.ts';
import { parseSpec } from '../src/index.ts';
import { type OpenedSite, openSite } from './support/site.ts';

/** Few trials: the page is driven here, not the GPU. */
const smallHash = '#sequences=50&trials=200';

let site: OpenedSite;

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site?.close());

/** Opens the page, on the GPU unless the address says otherwise; `before` runs in it ahead of everything else. */
function openPage(address: string, before?: () => void): Promise<Page> {
  return site.page(address.startsWith('?') ? address : `?runtime=gpu${address}`, before);
}

function stateOf(page: Page): Promise<Record<string, string | undefined>> {
  return page.$eval('#experiment', (main) => ({ ...(main as HTMLElement).dataset }));
}

/** Waits until all trials are in, and agreement and trace are drawn. */
async function finished(page: Page): Promise<Record<string, string | undefined>> {
  await page.waitForSelector('#experiment[data-state="done"][data-beside="done"]', { timeout: 30_000 });
  return stateOf(page);
}

const textOf = (page: Page, selector: string) => page.$eval(selector, (found) => found.textContent);
const figureOf = (page: Page) => page.$eval('#curve-figure svg', (svg) => svg.outerHTML);

describe('the page', () => {
  test('draws the curve, follows a slider, and its address gives the same figure again', async () => {
    const page = await openPage(smallHash);
    await page.waitForSelector('#curve-figure svg');
    const before = await finished(page);
    expect(before).toMatchObject({ runtime: 'gpu', trials: '200', sequences: '50' });
    expect(await textOf(page, '#size')).toBe('50 sequences × 160 steps × 200 trials');
    expect(await page.$$eval('.beside svg', (figures) => figures.length)).toBe(2);
    expect(await textOf(page, '#adapter')).toMatch(/software adapter/);
    expect(await textOf(page, '#summary')).toMatch(/^Finished: 50 sequences/);
    const firstFigure = await figureOf(page);

    await page.focus('#peak');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const after = await finished(page);
    expect(await page.$eval('#peak', (slider) => slider.getAttribute('aria-valuetext'))).toBe('0.2, 200 Hz');
    expect(Number(after.pairs)).toBeGreaterThan(Number(before.pairs));
    // Twice the peak rate: twice the presynaptic spikes, within 3 %.
    const ratio = Number(after.presynapticSpikes) / Number(before.presynapticSpikes);
    expect(Math.abs(ratio - 2)).toBeLessThan(0.06);
    expect(await figureOf(page)).not.toBe(firstFigure);

    await page.waitForFunction(() => location.hash.includes('post.peak=0.2'));
    expect(new URL(page.url()).hash).toBe('#sequences=50&trials=200&pre.peak=0.2&post.peak=0.2');
    const again = await openPage(new URL(page.url()).hash);
    expect(await finished(again)).toMatchObject({ pairs: after.pairs, presynapticSpikes: after.presynapticSpikes });
    expect(await figureOf(again)).toBe(await figureOf(page));

    // Both steps of the slider were one gesture: one step back undoes them.
    await page.goBack();
    await page.waitForFunction(() => !location.hash.includes('peak'));
    expect(await finished(page)).toMatchObject({ pairs: before.pairs });
    expect(await page.$eval('#peak', (slider) => slider.getAttribute('aria-valuetext'))).toBe('0.1, 100 Hz');
    expect((await page.screenshot()).byteLength).toBeGreaterThan(20_000);
    await Promise.all([page.close(), again.close()]);
  });

  test('ends at the numbers of the last setting however fast a slider is moved', async () => {
    const page = await openPage(smallHash);
    await page.focus('#epsilon');
    for (let press = 0; press < 8; press++) await page.keyboard.press('ArrowRight');
    const moved = await finished(page);
    await page.waitForFunction(() => location.hash.includes('post.epsilon=0.4'));
    const fresh = await openPage(new URL(page.url()).hash);
    expect((await finished(fresh)).pairs).toBe(moved.pairs);
    await Promise.all([page.close(), fresh.close()]);
  });

  test('saves the curve as CSV, positive after and negative before the presynaptic spike, and as SVG', async () => {
    const page = await openPage('#sequences=400&trials=400&pairing.window=5');
    await finished(page);
    const csv = await site.saved(page, '#download-csv', 'curve.csv');
    const svg = await site.saved(page, '#download-svg', 'stdp-curve-rate.svg');
    const [header, ...rows] = csv.trimEnd().split('\n');
    expect(header).toBe('dt,pairs,dw_rate,dw_rate_se,dw_spike,dw_spike_se,dw_pair,dw_pair_se');
    const cells = rows.map((row) => row.split(','));
    expect(cells.map(([dt]) => Number(dt))).toEqual([-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5]);
    for (const [dt, , dwRate, , dwSpike] of cells) {
      if (dt === '0') continue;
      expect(Math.sign(Number(dwRate))).toBe(Math.sign(Number(dt)));
      expect(Math.sign(Number(dwSpike))).toBe(Math.sign(Number(dt)));
    }
    const total = cells.reduce((sum, [, pairs]) => sum + Number(pairs), 0);
    expect(String(total)).toBe((await stateOf(page)).pairs);
    expect(svg).toMatch(/^<\?xml.*<\/svg>\n$/s);
    await page.close();
  });

  test('lays the closed form over the curve when it is asked for, and shows another trial', async () => {
    const page = await openPage(smallHash);
    await finished(page);
    expect(await page.$('#curve-figure path.expected, #curve-figure .expected path')).toBeNull();
    await page.click('#closed-form');
    await page.waitForSelector('#experiment[data-closed-form="done"]');
    await page.waitForSelector('#curve-figure .expected');
    await page.click('#next-trial');
    await page.waitForSelector('#trace-figure[data-trial="0:1"] svg');
    await page.waitForFunction(() => location.hash.endsWith('closed-form=on&trace=0:1'));
    await page.close();
  });

  test('says that there is no WebGPU and computes on the CPU at a reduced size', async () => {
    const page = await openPage('', () => {
      Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined });
    });
    expect(await finished(page)).toMatchObject({ runtime: 'cpu', trials: '200', sequences: '250' });
    await page.waitForSelector('#banner', { visible: true });
    expect(await textOf(page, '#banner')).toMatch(/no WebGPU[\s\S]*first 250 of 500 sequences/);
    expect(await page.$('#curve-figure svg')).not.toBeNull();
    await page.close();
  });

  test('takes the CPU by itself where the only adapter is a software one, at full size, and says so', async () => {
    const page = await openPage('?');
    expect(await finished(page)).toMatchObject({ runtime: 'cpu', trials: '1000', sequences: '500' });
    expect(await textOf(page, '#adapter')).toMatch(/WebAssembly on \d+ threads; the WebGPU adapter is only software/);
    expect(await page.$eval('#banner', (banner) => (banner as HTMLElement).hidden)).toBe(true);
    await page.close();
  });

  test('has the same numbers on the CPU as on the GPU', async () => {
    const [gpu, cpu] = [await openPage(smallHash), await openPage(`?runtime=cpu${smallHash}`)];
    const [onGpu, onCpu] = [await finished(gpu), await finished(cpu)];
    expect([onGpu.runtime, onCpu.runtime]).toEqual(['gpu', 'cpu']);
    expect(onCpu.pairs).toBe(onGpu.pairs);
    expect(await figureOf(cpu)).toBe(await figureOf(gpu));
    await Promise.all([gpu.close(), cpu.close()]);
  });

  test('gets a new device when the first one is lost, and says so', async () => {
    const page = await openPage(smallHash, () => {
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (...options) {
        const device = await requestDevice.apply(this, options);
        addEventListener('lose-device', () => device.destroy(), { once: true });
        return device;
      };
    });
    const before = await finished(page);
    await page.evaluate(() => dispatchEvent(new Event('lose-device')));
    await page.waitForFunction(() => document.querySelector('#banner')?.textContent?.includes('was lost'));
    expect(await finished(page)).toMatchObject({ runtime: 'gpu', pairs: before.pairs });
    await page.close();
  });

  test.each([
    ['#post.epsilon=3', 'post.epsilon: 3 is not allowed; expected a number > 0 and ≤ 1'],
    ['#post.epsilom=0.1', 'post.epsilom: unknown key; allowed keys here: drive, epsilon, rho, peak'],
    ['#rule=hebb', 'rule: "hebb" is not allowed; expected one of "rate", "spike", "pair"'],
    ['?runtime=fpga', 'runtime: "fpga" is not allowed; expected "gpu" or "cpu"'],
  ])(
    'a bad address, %s, is answered with what is allowed, and with the default experiment',
    async (address, message) => {
      const page = await openPage(address);
      await page.waitForSelector('#experiment[data-state="error"]');
      expect(await textOf(page, '#problem-text')).toBe(message);
      await page.click('#use-defaults');
      await page.waitForSelector('#curve-figure svg');
      expect(new URL(page.url())).toMatchObject({ hash: '', search: '' });
      await page.close();
    },
  );

  test('nothing on it moves while figures come in', async () => {
    const page = await openPage(smallHash, () => {
      new PerformanceObserver((list) => {
        const shifts = list.getEntries() as (PerformanceEntry & { value: number })[];
        const sum = shifts.reduce(
          (total, { value }) => total + value,
          Number(document.documentElement.dataset.shift ?? 0),
        );
        document.documentElement.dataset.shift = String(sum);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await finished(page);
    await page.$eval('#peak', (slider) => {
      (slider as HTMLInputElement).value = '2';
      slider.dispatchEvent(new Event('input'));
    });
    await finished(page);
    // The score of browsers: 0.1 is where they begin to complain. Fonts differ between machines, and so does their wrap.
    expect(await page.$eval('html', (html) => Number(html.dataset.shift ?? 0))).toBeLessThan(0.05);
    await page.close();
  });

  test('fits a small phone and a desktop, in light and in dark', async () => {
    const page = await openPage(smallHash);
    for (const [width, scheme] of [
      [360, 'dark'],
      [1280, 'light'],
    ] as const) {
      await page.setViewport({ width, height: 800 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await finished(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      const background = await page.$eval('html', (html) => getComputedStyle(html).backgroundColor);
      expect(background).toBe(scheme === 'dark' ? 'rgb(12, 15, 18)' : 'rgb(246, 247, 248)');
    }
    await page.close();
  });

  test('says nothing on the console and asks nothing of other hosts', () => {
    expect(site.complaints).toEqual([]);
  });
});

describe('the address', () => {
  test.each([
    {},
    { seed: 7, post: { epsilon: 0.1 } },
    { pre: { drive: { type: 'steps', hold: 20 } }, post: { rho: { type: 'logistic', slope: 3 } } },
    { pre: { drive: { type: 'ramps' } }, pairing: { edges: 'truncate' }, kernel: { tauMinus: 33.7 } },
    { sequences: 1, steps: 3, pairing: { window: 1 }, pre: { drive: { type: 'table', values: [[0, 0.5, -1, 1e-9]] } } },
  ])('holds every experiment: %j', (input) => {
    const spec = parseSpec(input);
    const view = { rule: 'pair', biology: false, closedForm: true, sequence: 0, trial: 3 } as const;
    expect(readState(hashOf({ spec, view }))).toEqual({ spec, view });
  });

  test('holds only what differs from the defaults', () => {
    const view = readState('').view;
    expect(hashOf({ spec: parseSpec({}), view })).toBe('');
    expect(hashOf({ spec: parseSpec({ seed: 7, post: { epsilon: 0.1 } }), view })).toBe('#seed=7&post.epsilon=0.1');
  });

  test.each(['#seed', '#post=3&post.epsilon=0.1', '#__proto__.x=1', '#trace=0', '#trace=500:0', '#steps=1e9'])(
    '%s is refused with a path and with what is allowed',
    (hash) => {
      expect(() => readState(hash)).toThrow(/^[\w."[\]]+: .*(expected|allowed)/);
    },
  );
});
