import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { STOPPED_ANSWERING, whileAnswering } from '../src/cli/machine/answering-page.ts';
import { type LaunchedBrowser, launchBrowser } from '../src/cli/machine/browser.ts';
import { type LocalServer, serveFolder } from '../src/cli/machine/static-server.ts';
import { digitPlayer } from '../src/generative/digit-player.ts';
import { createModel } from '../src/generative/model.ts';
import { fromQuantised, quantised } from '../src/generative/quantised-model.ts';
import { curveOf, fastCpuEngine, parseSpec, planExperiment, simulate } from '../src/index.ts';

/** No inline script or style, no eval, nothing from elsewhere: what the elements ask of a page is in their guide. */
const policy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; style-src 'self'; object-src 'none'; base-uri 'none'";
const small = 'sequences="50" trials="200"';

let folder: string;
let server: LocalServer;
let launched: LaunchedBrowser;
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stdp-webgpu-element-'));
  const root = join(import.meta.dirname, '..');
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    mode: 'browser',
    logLevel: 'error',
    build: { outDir: join(folder, 'lib'), emptyOutDir: true, sourcemap: false },
  });
  await mkdir(join(folder, 'pages'));
  server = await serveFolder(folder);
  launched = await launchBrowser({ adapter: 'software' });
});
afterAll(async () => {
  await launched?.close();
  await server?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});
afterEach(() => expect(complaints.splice(0)).toEqual([]));

let pages = 0;

/** Opens a page with this body; `before` runs in it ahead of everything else. */
async function openPage(body: string, before?: () => void): Promise<Page> {
  const name = `pages/${pages++}.html`;
  await writeFile(
    join(folder, name),
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Elements</title>
<link rel="icon" href="data:,"><meta http-equiv="Content-Security-Policy" content="${policy}; img-src data:">
<script type="module" src="../lib/element.js"></script></head><body>${body}</body></html>`,
  );
  const page = await launched.browser.newPage();
  await page.setViewport({ width: 800, height: 900 });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.evaluateOnNewDocument(countGpuObjects);
  await page.evaluateOnNewDocument(recordEvents);
  if (before) await page.evaluateOnNewDocument(before);
  await page.goto(`${server.url}/${name}`);
  return page;
}

interface Recorded {
  readonly name: string;
  readonly id: string;
  readonly pairs?: number;
  readonly spikes?: number;
  readonly trials?: number;
  readonly message?: string;
  readonly kind?: string;
}

declare global {
  interface Window {
    recorded: Recorded[];
    gpuCounts: { devices: number; buffers: number };
  }
}

function countGpuObjects(): void {
  window.gpuCounts = { devices: 0, buffers: 0 };
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function (...options) {
    window.gpuCounts.devices++;
    return requestDevice.apply(this, options);
  };
  const live = new WeakSet<GPUBuffer>();
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (...options) {
    const buffer = createBuffer.apply(this, options);
    live.add(buffer);
    window.gpuCounts.buffers++;
    return buffer;
  };
  const { destroy } = GPUBuffer.prototype;
  GPUBuffer.prototype.destroy = function () {
    if (live.delete(this)) window.gpuCounts.buffers--;
    return destroy.apply(this);
  };
}

function recordEvents(): void {
  window.recorded = [];
  for (const name of ['stdp-digit', 'stdp-done', 'stdp-error', 'stdp-runtime', 'stdp-trace']) {
    addEventListener(name, (event) => {
      const { detail, target } = event as CustomEvent;
      window.recorded.push({
        name,
        id: (target as Element).id,
        ...(detail.curve
          ? { pairs: detail.curve.pairs, spikes: detail.curve.presynapticSpikes, trials: detail.trials }
          : {}),
        ...(detail.message ? { message: detail.message } : {}),
        ...(detail.kind ? { kind: detail.kind } : {}),
      });
    });
  }
}

/** Waits for so many events of a name, and gives them. */
async function events(page: Page, name: string, count: number): Promise<readonly Recorded[]> {
  const come = page.waitForFunction(
    (wanted, least) => window.recorded.filter((event) => event.name === wanted).length >= least,
    { timeout: 30_000 },
    name,
    count,
  );
  await whileAnswering(page, come, 20_000);
  return (await page.evaluate(() => window.recorded)).filter((event) => event.name === name);
}

const inShadow = <T>(page: Page, selector: string, read: (found: Element) => T) =>
  page.$eval(`stdp-curve >>> ${selector}`, read);

// Chromium's fault, not that of the elements; for any other failure no test is tried again.
const onceMore = { retry: { count: 1, condition: STOPPED_ANSWERING } } as const;

describe('<stdp-curve>', onceMore, () => {
  test('three on a page share one device, under a strict policy, and have the numbers of the engine', async () => {
    const page = await openPage(`
      <stdp-curve id="a" runtime="gpu" ${small}></stdp-curve>
      <stdp-curve id="b" runtime="gpu" ${small} seed="7" rule="pair" biology></stdp-curve>
      <stdp-curve id="c" runtime="gpu" ${small} pre.peak="0.2" post.epsilon="0.1" kernel.tauMinus="33.7"></stdp-curve>`);
    const done = await events(page, 'stdp-done', 3);
    expect(await page.evaluate(() => window.gpuCounts.devices)).toBe(1);
    using engine = fastCpuEngine();
    const specs: Record<string, object> = {
      a: {},
      b: { seed: 7 },
      c: { pre: { peak: 0.2 }, post: { epsilon: 0.1 }, kernel: { tauMinus: 33.7 } },
    };
    for (const { id, pairs } of done) {
      const plan = planExperiment(parseSpec({ sequences: 50, trials: 200, ...specs[id] }));
      const { tallies } = await simulate(engine, plan);
      expect(pairs).toBe(curveOf(tallies, plan).pairs);
    }
    expect(await page.$$eval('stdp-curve', (found) => found.map(({ curve }) => curve?.pairs))).toEqual(
      ['a', 'b', 'c'].map((id) => done.find((event) => event.id === id)?.pairs),
    );
    await page.close();
  });

  test('removed and put back a hundred times, leaves no buffer, node or listener', async () => {
    const page = await openPage(
      [1, 2, 3]
        .map(
          (seed) =>
            `<stdp-curve id="${seed}" runtime="gpu" controls sequences="50" trials="64" seed="${seed}"></stdp-curve>`,
        )
        .join(''),
    );
    // High enough for all three to be in sight.
    await page.setViewport({ width: 400, height: 2600 });
    await events(page, 'stdp-done', 3);
    const cycle = (times: number) =>
      page.evaluate(async (count) => {
        const seen = (name: string) => window.recorded.filter((event) => event.name === name).length;
        const comeIn = (name: string, least: number) =>
          new Promise<void>((resolve) => {
            const timer = setInterval(() => {
              if (seen(name) < least) return;
              clearInterval(timer);
              resolve();
            }, 5);
          });
        for (let time = 1; time <= count; time++) {
          const html = document.body.innerHTML;
          document.body.replaceChildren();
          await new Promise((resolve) => setTimeout(resolve));
          const [runtimes, done] = [seen('stdp-runtime'), seen('stdp-done')];
          document.body.innerHTML = html;
          // Most are removed in the middle of their run, some at its end.
          await comeIn('stdp-runtime', runtimes + 3);
          if (time % 20 === 0) await comeIn('stdp-done', done + 3);
        }
      }, times);
    const measure = async () => {
      const client = await page.createCDPSession();
      await client.send('HeapProfiler.collectGarbage');
      await client.send('HeapProfiler.collectGarbage');
      const { nodes, jsEventListeners } = await client.send('Memory.getDOMCounters');
      await client.detach();
      return { nodes, jsEventListeners, ...(await page.evaluate(() => window.gpuCounts)) };
    };
    await cycle(20);
    const before = await measure();
    await cycle(100);
    const after = await measure();
    expect(after.devices).toBe(1);
    // A run may hold its tile's buffers a moment longer; a leak would be a hundred times as many.
    expect(after.buffers).toBeLessThanOrEqual(before.buffers + 30);
    expect(after.jsEventListeners).toBeLessThanOrEqual(before.jsEventListeners + 10);
    expect(after.nodes).toBeLessThanOrEqual(before.nodes * 1.2);
    await page.evaluate(() => document.body.replaceChildren());
    await page.waitForFunction(() => window.gpuCounts.buffers <= 20);
    await page.close();
  });

  test('follows its attributes, its sliders and its width, and reads its points aloud by arrow keys', async () => {
    const page = await openPage(`<stdp-curve runtime="cpu" controls ${small}></stdp-curve>`);
    const [first] = await events(page, 'stdp-done', 1);
    expect(await inShadow(page, 'svg', (svg) => svg.getAttribute('width'))).toBe('784');
    expect(
      await page.$eval('stdp-curve', (element) => [element.svg()?.slice(0, 5), element.csv()?.slice(0, 8)]),
    ).toEqual(['<?xml', 'dt,pairs']);
    await page.$eval('stdp-curve', (element) => element.setAttribute('peak', '0.2'));
    const [, second] = await events(page, 'stdp-done', 2);
    // Twice the chance of a spike: twice the presynaptic spikes, within 3 %.
    expect(Math.abs(second!.spikes! / first!.spikes! - 2)).toBeLessThan(0.06);

    await inShadow(page, '#epsilon', (slider) => (slider as HTMLInputElement).focus());
    await page.keyboard.press('ArrowRight');
    await events(page, 'stdp-done', 3);
    expect(await page.$eval('stdp-curve', (element) => element.getAttribute('epsilon'))).toBe('0.08');

    await page.$eval('stdp-curve', (element) => element.setAttribute('rule', 'spike'));
    await page.waitForFunction(() =>
      document
        .querySelector('stdp-curve')
        ?.shadowRoot?.querySelector('svg')
        ?.getAttribute('aria-label')
        ?.includes('Eq. 2'),
    );
    expect((await page.evaluate(() => window.recorded)).filter(({ name }) => name === 'stdp-done')).toHaveLength(3);

    await inShadow(page, '.figure', (figure) => (figure as HTMLElement).focus());
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await inShadow(page, '.unseen', (spoken) => spoken.textContent)).toMatch(
      /^\+2 ms: ΔW \+0\.0\d+ ± 0\.0\d+, \d+ pairs\.$/,
    );

    await page.setViewport({ width: 400, height: 800 });
    await page.waitForFunction(
      () => document.querySelector('stdp-curve')?.shadowRoot?.querySelector('svg')?.getAttribute('width') === '384',
    );
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
    await page.close();
  });

  test('is light or dark as the reader’s system, or as it is told', async () => {
    const page = await openPage(`<stdp-curve runtime="cpu" ${small}></stdp-curve>`);
    await events(page, 'stdp-done', 1);
    await page.waitForFunction(() =>
      document.querySelector('stdp-curve')?.shadowRoot?.querySelector('rect.background'),
    );
    const background = () => inShadow(page, 'rect.background', (rect) => getComputedStyle(rect).fill);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    expect(await background()).toBe('rgb(20, 24, 29)');
    await page.$eval('stdp-curve', (element) => element.setAttribute('theme', 'light'));
    await page.waitForFunction(() =>
      document.querySelector('stdp-curve')?.shadowRoot?.querySelector('svg.stdp-figure-light'),
    );
    expect(await background()).toBe('rgb(255, 255, 255)');
    await page.close();
  });

  test('computes nothing out of sight', async () => {
    const page = await openPage(`<div class="far"></div><stdp-curve runtime="gpu" ${small}></stdp-curve>`, () => {
      addEventListener('DOMContentLoaded', () => {
        document.querySelector<HTMLElement>('.far')!.style.height = '5000px';
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await page.evaluate(() => window.gpuCounts)).toEqual({ devices: 0, buffers: 0 });
    await page.evaluate(() => document.querySelector('stdp-curve')?.scrollIntoView());
    await events(page, 'stdp-done', 1);
    // A large experiment stands still while it cannot be seen.
    await page.$eval('stdp-curve', (element) => element.setAttribute('trials', '1000000'));
    await page.waitForFunction(() => (document.querySelector('stdp-curve')?.curve?.pairs ?? 0) > 1e6);
    await page.evaluate(() => scrollTo(0, 0));
    await new Promise((resolve) => setTimeout(resolve, 700));
    const pairs = () => page.$eval('stdp-curve', ({ curve }) => curve?.pairs);
    const still = await pairs();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await pairs()).toBe(still);
    await page.close();
  });

  test('without WebGPU, runs on the CPU and says so', async () => {
    const page = await openPage('<stdp-curve></stdp-curve>', () => {
      Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined });
    });
    expect(await events(page, 'stdp-done', 1)).toMatchObject([{ trials: 200 }]);
    expect(await inShadow(page, '.status', (status) => status.textContent)).toMatch(/no WebGPU.*Computed on the CPU/);
    await page.close();
  });

  test('gets a new device, once for all, when the page’s device is lost', async () => {
    const page = await openPage(
      `<stdp-curve id="a" runtime="gpu" ${small}></stdp-curve><stdp-curve id="b" runtime="gpu" ${small}></stdp-curve>`,
      () => {
        const { requestDevice } = GPUAdapter.prototype;
        GPUAdapter.prototype.requestDevice = async function (...options) {
          const device = await requestDevice.apply(this, options);
          addEventListener('lose-device', () => device.destroy(), { once: true });
          return device;
        };
      },
    );
    const before = await events(page, 'stdp-done', 2);
    await page.evaluate(() => dispatchEvent(new Event('lose-device')));
    const after = await events(page, 'stdp-done', 4);
    expect(new Set(after.map(({ pairs }) => pairs))).toEqual(new Set(before.map(({ pairs }) => pairs)));
    expect(await page.evaluate(() => window.gpuCounts.devices)).toBe(2);
    await page.close();
  });

  test('refuses what is not allowed, in words, and goes on when it is mended', async () => {
    const page = await openPage('<stdp-curve runtime="cpu" epsilon="3"></stdp-curve>');
    const [refused] = await events(page, 'stdp-error', 1);
    expect(refused?.message).toBe('pre.epsilon: 3 is not allowed; expected a number > 0 and ≤ 1');
    expect(await inShadow(page, '[role=alert]', (alert) => alert.textContent)).toBe(refused?.message);
    await page.$eval('stdp-curve', (element) => {
      element.setAttribute('epsilon', '0.1');
      element.setAttribute('trials', '10');
    });
    await events(page, 'stdp-done', 1);
    expect(await inShadow(page, '[role=alert]', (alert) => (alert as HTMLElement).hidden)).toBe(true);
    await page.close();
  });
});

describe('<stdp-trace>', onceMore, () => {
  test('shows a trial, and others by keys, without running the rest', async () => {
    const page = await openPage('<stdp-trace runtime="gpu" controls sequence="3" seed="2"></stdp-trace>');
    await events(page, 'stdp-trace', 1);
    await page.$eval('stdp-trace >>> .figure', (figure) => (figure as HTMLElement).focus());
    await page.keyboard.press('ArrowRight');
    await events(page, 'stdp-trace', 2);
    await page.keyboard.press('ArrowUp');
    await events(page, 'stdp-trace', 3);
    expect(await page.$eval('stdp-trace', ({ trace }) => [trace?.sequence, trace?.trial])).toEqual([2, 1]);
    await page.$eval('stdp-trace', (element) => element.setAttribute('trial', '1000'));
    const [refused] = await events(page, 'stdp-error', 1);
    expect(refused?.message).toBe('trial: "1000" is not allowed; expected an integer from 0 to 999');
    await page.close();
  });
});

/** A model of 4 × 4 pixels whose weights are nobody's: waves. */
function smallModel(): Uint8Array<ArrayBuffer> {
  const wave = (length: number, pace: number) => Float32Array.from({ length }, (_, i) => Math.sin(pace * (i + 1)));
  const map = (inputs: number, outputs: number) => ({
    weights: wave(inputs * outputs, 0.7 + inputs),
    biases: wave(outputs, 0.3),
  });
  return quantised({
    model: createModel({ sizes: [16, 6, 3], hiddenScale: 1 }),
    imageShape: [4, 4],
    parameters: { encoders: [map(16, 6), map(6, 3)], decoders: [map(6, 16), map(3, 6)] },
    prior: { mean: wave(3, 1), variance: Float32Array.of(0.5, 1, 2) },
    generation: { rounds: 3, inference: { steps: 5, delta: 0.1, alpha: 0.3 } },
  });
}

describe('<digit-generator>', onceMore, () => {
  beforeAll(() => writeFile(join(folder, 'model.bin'), smallModel()));
  const imagesOf = (seed: number) =>
    [...digitPlayer(fromQuantised(smallModel().buffer)).generate(seed)].map((image) => [...image]);
  const shown = (page: Page) =>
    page.$eval('digit-generator', ({ images }) => Array.from(images, (image) => [...image]));
  const inGenerator = <T>(page: Page, selector: string, read: (found: Element) => T) =>
    page.$eval(`digit-generator >>> ${selector}`, read);

  test('shows the library’s sample round by round, by keys too, and says what is to be seen', async () => {
    const page = await openPage('<digit-generator src="../model.bin" seed="7" controls></digit-generator>');
    await events(page, 'stdp-digit', 4);
    expect(await shown(page)).toEqual(imagesOf(7));
    expect(await inGenerator(page, '.frames', (frames) => frames.querySelectorAll('canvas').length)).toBe(4);
    expect(await inGenerator(page, '.status', ({ textContent }) => textContent)).toBe('Seed 7: round 3 of 3.');
    expect(await inGenerator(page, '.unseen', ({ textContent }) => textContent)).toMatch(
      /^Sample of seed 7 after 3 rounds: \d+ of 4 × 4 pixels are brighter than half, in rows [1-4] to [1-4] and columns /,
    );
    expect(await page.$eval('digit-generator', async (element) => (await element.png())?.type)).toBe('image/png');
    expect(await page.$eval('digit-generator', (element) => element.csv()?.split('\n', 1)[0])).toBe(
      'round_0,round_1,round_2,round_3',
    );

    await inGenerator(page, '.frames', (frames) => (frames as HTMLElement).focus());
    await page.keyboard.press('ArrowLeft');
    expect(await shown(page)).toEqual(imagesOf(7).slice(0, 1));
    await page.keyboard.press('ArrowRight');
    expect(await shown(page)).toEqual(imagesOf(7).slice(0, 2));
    await page.keyboard.press('ArrowDown');
    await events(page, 'stdp-digit', 4 + 2 + 4);
    expect(await shown(page)).toEqual(imagesOf(8));
    await page.$eval('digit-generator', (element) => element.setAttribute('rounds', '1'));
    await events(page, 'stdp-digit', 10 + 2);
    expect(await shown(page)).toEqual(imagesOf(8).slice(0, 2));
    await page.close();
  });

  test('fetches a model once for all, when one comes into sight, and stands still out of it', async () => {
    const page = await openPage(
      '<div class="far"></div><digit-generator src="../model.bin"></digit-generator><digit-generator src="../model.bin" seed="2"></digit-generator>',
      () => {
        addEventListener('DOMContentLoaded', () => {
          document.querySelector<HTMLElement>('.far')!.style.height = '5000px';
        });
      },
    );
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(asked).toEqual([]);
    await page.evaluate(() => document.querySelector('digit-generator')?.scrollIntoView());
    await events(page, 'stdp-digit', 2);
    await page.evaluate(() => scrollTo(0, 0));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const told = () => page.evaluate(() => window.recorded.filter(({ name }) => name === 'stdp-digit').length);
    const still = await told();
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(await told()).toBe(still);
    await page.evaluate(() => document.querySelector('digit-generator')?.scrollIntoView());
    await events(page, 'stdp-digit', 8);
    expect(asked.filter((path) => path === '/model.bin')).toHaveLength(1);
    await page.close();
  });

  test('removed and put back a hundred times, leaves no node or listener, and ends where it is removed', async () => {
    const page = await openPage('<digit-generator src="../model.bin" controls></digit-generator>');
    await events(page, 'stdp-digit', 4);
    const cycle = () =>
      page.evaluate(async () => {
        const html = document.body.innerHTML;
        for (let time = 0; time < 100; time++) {
          document.body.replaceChildren();
          await new Promise((resolve) => setTimeout(resolve));
          document.body.innerHTML = html;
          await new Promise((resolve) => addEventListener('stdp-digit', resolve, { once: true }));
        }
      });
    const measure = async () => {
      const client = await page.createCDPSession();
      await client.send('HeapProfiler.collectGarbage');
      await client.send('HeapProfiler.collectGarbage');
      const { nodes, jsEventListeners } = await client.send('Memory.getDOMCounters');
      await client.detach();
      return { nodes, jsEventListeners };
    };
    await cycle();
    const before = await measure();
    await cycle();
    const after = await measure();
    expect(after.jsEventListeners).toBeLessThanOrEqual(before.jsEventListeners + 10);
    expect(after.nodes).toBeLessThanOrEqual(before.nodes * 1.2);
    await page.close();
  });

  test.each([
    ['seed="1"', /^src: null is not allowed; expected the address of a model/],
    [
      'src="../nowhere.bin"',
      /^No model at http.*nowhere\.bin \(.*404\)\. Serve the file that `stdp-webgpu generative export`/,
    ],
    ['src="../model.bin" seed="-1"', /^seed: "-1" is not allowed; expected an integer from 0 to 4294967295$/],
  ])('refuses %s in words, and goes on when it is mended', async (attributes, message) => {
    const page = await openPage(`<digit-generator ${attributes}></digit-generator>`);
    const [refused] = await events(page, 'stdp-error', 1);
    expect(refused?.message).toMatch(message);
    expect(await inGenerator(page, '[role=alert]', (alert) => alert.textContent)).toBe(refused?.message);
    await page.$eval('digit-generator', (element) => {
      element.setAttribute('src', '../model.bin');
      element.setAttribute('seed', '7');
    });
    await events(page, 'stdp-digit', 4);
    expect(await shown(page)).toEqual(imagesOf(7));
    expect(await inGenerator(page, '[role=alert]', (alert) => (alert as HTMLElement).hidden)).toBe(true);
    // That a file is not there is the browser's to say.
    complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('404')));
    await page.close();
  });
});
