import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pages as listed } from '../demo/pages.ts';
import { type LaunchedBrowser, launchBrowser } from '../src/cli/machine/browser.ts';
import type { LocalServer } from '../src/cli/machine/static-server.ts';
import { serveSite, siteFolder } from './support/site.ts';

let server: LocalServer;
let launched: LaunchedBrowser;
const root = join(import.meta.dirname, '..');
const files = (await readdir(join(root, 'demo'))).filter((name) => name.endsWith('.html'));

beforeAll(async () => {
  server = await serveSite();
  launched = await launchBrowser({ adapter: 'software' });
});
afterAll(async () => {
  await launched?.close();
  await server?.close();
});

/** Opens a page in a folder below the server's own, and tells what it says and whom it asks. */
async function openPage(file: string, address = ''): Promise<{ page: Page; complaints: string[] }> {
  const complaints: string[] = [];
  const page = await launched.browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.url)) complaints.push(request.url());
  });
  await page.goto(`${server.url}/demo/${file}${address}`);
  return { page, complaints };
}

/** Time for layout, observers and the figures of a small experiment. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 250));

/** What axe finds of weight. */
async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = (await page.evaluate(
    `${axe.source}; axe.run(document, { resultTypes: ['violations'] })`,
  )) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

describe('every page of the site', () => {
  test('is among its links', () => {
    expect(files.filter((file) => !listed.some((page) => page.file === file))).toEqual([]);
  });

  test.each(files)('%s has its policy, and no script or style inside', async (file) => {
    const html = await readFile(join(siteFolder, file), 'utf8');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
    expect(policy).toMatch(/default-src 'self'/);
    expect(policy).not.toMatch(/'unsafe-inline'|'unsafe-eval'|\*/);
    expect(html.match(/Content-Security-Policy/g)).toHaveLength(1);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    expect(html.match(/aria-current="page"/g)).toHaveLength(1);
  });

  test.each(files)('%s has its equation, what to see, and what a reader takes along', async (file) => {
    const html = await readFile(join(siteFolder, file), 'utf8');
    expect(html).toMatch(/<p class="equation">\s*(<span[^>]*>\s*)?<math aria-label="[^"]+"/);
    expect(html).toMatch(/class="[^"]*caption[^"]*"/);
    for (const id of ['copy-link', 'copy-embed', 'copy-spec']) expect(html, id).toContain(`id="${id}"`);
    expect(html).toMatch(/id="download-(svg|png)"|data-save="points"/);
  });

  // Side by side: most of the time they wait for pages to settle.
  test.concurrent.each(files)(
    '%s fits 360, 768 and 1280 pixels, light and dark, follows a slider, and axe finds nothing serious',
    async (file) => {
      const { page, complaints } = await openPage(file, '?runtime=cpu#sequences=50&trials=100');
      const faults: string[] = [];
      for (const scheme of ['light', 'dark']) {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        for (const width of [360, 768, 1280]) {
          await page.setViewport({ width, height: 900 });
          // Beside other pages, Chromium may take longer to tell a page of its new width.
          await page.waitForFunction((wanted) => innerWidth === wanted, {}, width);
          await settle();
          expect(await page.evaluate(() => document.documentElement.scrollWidth), `${width} ${scheme}`).toBe(width);
        }
        await page.evaluate(() => {
          const slider = document.querySelector<HTMLInputElement>('input[type=range]');
          slider?.stepUp();
          slider?.dispatchEvent(new Event('input', { bubbles: true }));
        });
        await settle();
        faults.push(...(await seriousFaults(page)));
      }
      expect(faults).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );
});

describe('the first page', () => {
  test('is less than 250 kB compressed, all that it loads to its last figure', async () => {
    const page = await launched.browser.newPage();
    const loaded: Promise<Buffer>[] = [];
    page.on('response', (response) => {
      if (response.url().startsWith(server.url)) loaded.push(response.buffer() as Promise<Buffer>);
    });
    await page.goto(`${server.url}/demo/index.html#sequences=50&trials=100`);
    await page.waitForSelector('#experiment[data-beside="done"]');
    const bytes = (await Promise.all(loaded)).reduce((sum, content) => sum + gzipSync(content).length, 0);
    expect(bytes).toBeLessThan(250_000);
    await page.close();
  });

  test('shows its curve within a second', async () => {
    // The best of three: other tests may be running.
    const times: number[] = [];
    for (let time = 0; time < 3; time++) {
      const { page } = await openPage('index.html');
      await page.waitForSelector('#experiment[data-first-picture]');
      times.push(Number(await page.$eval('#experiment', (main) => (main as HTMLElement).dataset.firstPicture)));
      await page.close();
    }
    expect(Math.min(...times)).toBeLessThan(1000);
  });
});

/** Clicks the button that copies embed code. @returns what is on the clipboard then */
async function embedCodeOf(page: Page): Promise<string> {
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', {
      value: {
        writeText: async (text: string) => {
          document.body.dataset.copied = text;
        },
      },
    });
  });
  await page.click('#copy-embed');
  await page.waitForSelector('body[data-copied]');
  return (await page.$eval('body', ({ dataset }) => dataset.copied)) ?? '';
}

/** Puts code into a page of the same origin. */
async function embed(page: Page, code: string): Promise<void> {
  await page.goto(`${server.url}/demo/embed/`).catch(() => undefined);
  await page.setContent(`<!doctype html><title>Embedded</title>${code}`);
}

describe('what a reader takes along', () => {
  test.each([
    ['index.html', 'stdp-curve', ' seed="7" post.epsilon="0.1" biology'],
    ['agreement.html', 'stdp-agreement', ' seed="7" post.epsilon="0.1"'],
    ['trace.html', 'stdp-trace', ' seed="7" post.epsilon="0.1" sequence="0" trial="0"'],
  ])('the embed code of %s is a page’s live figure', async (file, tag, attributes) => {
    const { page, complaints } = await openPage(file, '?runtime=cpu#seed=7&post.epsilon=0.1');
    const code = await embedCodeOf(page);
    const script = `${server.url}/demo/embed/element.js`;
    expect(code).toBe(`<script type="module" src="${script}"></script>\n<${tag}${attributes}></${tag}>\n`);
    expect(complaints).toEqual([]);
    await embed(page, code);
    await page.waitForFunction((name) => document.querySelector(name)?.shadowRoot?.querySelector('svg'), {}, tag);
    await page.close();
  });

  test('the embed code of schemes.html is the live curve of the chosen scheme', async () => {
    const { page, complaints } = await openPage('schemes.html', '?runtime=cpu#window=12');
    await page.select('#kept-scheme', 'all-to-all');
    const code = await embedCodeOf(page);
    expect(code).toContain('<stdp-curve sequences="200" trials="200" scheme="all-to-all" window="12" rule="pair">');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('the embed code of digits.html is a page’s live generator', async () => {
    const { page, complaints } = await openPage('digits.html', '#seed=7');
    await page.waitForFunction(() => document.querySelector('digit-generator')?.images.length);
    const code = await embedCodeOf(page);
    expect(code).toMatch(/<digit-generator src="http[^"]+\.bin" seed="7" controls><\/digit-generator>\n$/);
    expect(complaints).toEqual([]);
    await embed(page, code);
    await page.waitForFunction(() => document.querySelector('digit-generator')?.images.length);
    await page.close();
  });

  test.each([
    ['loop.html', '#eta=0.5', '#effect-figure svg'],
    ['energy.html', '#depth=3', '#bars svg'],
    ['sweep.html', '', '#map canvas'],
  ])('the embed code of %s is a frame with the page as it is', async (file, hash, figure) => {
    const { page, complaints } = await openPage(file, `?runtime=cpu${hash}`);
    await page.waitForSelector(figure);
    const code = await embedCodeOf(page);
    expect(code).toContain(`<iframe src="${server.url}/demo/${file}?runtime=cpu${hash}"`);
    expect(complaints).toEqual([]);
    await embed(page, code);
    const frame = await page.waitForFrame((found) => found.url().includes(file));
    await frame.waitForSelector(figure);
    await page.close();
  });
});
