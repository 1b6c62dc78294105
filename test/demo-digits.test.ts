import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LaunchedBrowser, launchBrowser } from '../src/cli/machine/browser.ts';
import type { LocalServer } from '../src/cli/machine/static-server.ts';
import { serveSite } from './support/site.ts';

const root = join(import.meta.dirname, '..');
/** Pixels of the shipped model's images, down and across. */
const SIDE = 28;

let server: LocalServer;
let launched: LaunchedBrowser;
let page: Page;
/** What the page said on its console, which is to be nothing. */
const complaints: string[] = [];

beforeAll(async () => {
  server = await serveSite();
  launched = await launchBrowser({ adapter: 'software' });
  page = await launched.browser.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  // The same samples in every run.
  await page.evaluateOnNewDocument(() => {
    let state = 12;
    Math.random = () => {
      state = (state * 16807) % 2147483647;
      return state / 2147483647;
    };
  });
  await page.goto(`${server.url}/demo/digits.html`);
  await page.waitForSelector('#digits[data-state="ready"]');
});
afterAll(async () => {
  await launched?.close();
  await server?.close();
});

/** Colours of a canvas, [red, green, blue] of each pixel. */
const coloursOf = async (selector: string): Promise<(readonly [number, number, number])[]> => {
  const bytes = await page.$eval(selector, (element) => {
    const canvas = element as HTMLCanvasElement;
    return [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data];
  });
  return Array.from({ length: bytes.length / 4 }, (_, i) => [bytes[4 * i]!, bytes[4 * i + 1]!, bytes[4 * i + 2]!]);
};
/** Hidden pixels are blue, all others grey. */
const isHidden = ([red, , blue]: readonly [number, number, number]) => red !== blue;
const statusNow = () => page.$eval('#status', (status) => status.textContent ?? '');
const waitForStatus = (text: string) =>
  page.waitForFunction((wanted) => document.querySelector('#status')?.textContent === wanted, {}, text);
const click = (selector: string) => page.$eval(selector, (button) => (button as HTMLElement).click());

describe('the page of digits', () => {
  test('loads a model of at most 2 MB', async () => {
    expect((await stat(join(root, 'demo/digits/digits.bin'))).size).toBeLessThanOrEqual(2e6);
  });

  test('opens with a sample, made up round by round, and fills in the lower half of a digit', async () => {
    await page.waitForFunction(() => document.querySelector('digit-generator')?.images.length === 4);
    const samples = await page.$eval('digit-generator', ({ images }) => Array.from(images, (image) => [...image]));
    for (const sample of samples) expect(Math.max(...sample)).toBeGreaterThan(0.5);
    const pad = await coloursOf('#pad');
    expect(pad.map(isHidden)).toEqual(pad.map((_, i) => i >= (SIDE * SIDE) / 2));
    await waitForStatus('Round 20 of 20');
    const bright = (await coloursOf('#filled')).filter(([grey]) => grey > 128).length;
    expect(bright).toBeGreaterThan(20);
    expect(bright).toBeLessThan((SIDE * SIDE) / 2);
  });

  test.each([
    ['left', (_: number, column: number) => column < SIDE / 2],
    ['bottom', (row: number) => row >= SIDE / 2],
  ] as const)('hides the %s half and no other', async (half, hides) => {
    await click(`#${half}`);
    const found = (await coloursOf('#pad')).map(isHidden);
    expect(found).toEqual(found.map((_, i) => hides(Math.floor(i / SIDE), i % SIDE)));
  });

  test.each([10, 80])('hides %s %% of the pixels at random as the slider says', async (share) => {
    await page.$eval(
      '#share',
      (input, value) => {
        (input as HTMLInputElement).value = String(value);
        input.dispatchEvent(new Event('input'));
      },
      share,
    );
    const hidden = (await coloursOf('#pad')).filter(isHidden).length;
    // Three standard deviations of 784 draws at most.
    expect(Math.abs(hidden / (SIDE * SIDE) - share / 100)).toBeLessThan(0.05);
    expect(await page.$eval('#share-value', (output) => output.textContent)).toBe(`${share} %`);
    await page.$eval('#share', (input) => {
      (input as HTMLInputElement).value = '50';
      input.dispatchEvent(new Event('input'));
    });
  });

  test('hides about half of the pixels at random', async () => {
    await click('#scatter');
    const hidden = (await coloursOf('#pad')).filter(isHidden).length;
    expect(Math.abs(hidden / (SIDE * SIDE) - 0.5)).toBeLessThan(0.1);
  });

  test('fills in what is hidden, in twenty rounds, and leaves what is seen as it is', async () => {
    await click('#load');
    const whole = await coloursOf('#pad');
    await click('#scatter');
    const hidden = (await coloursOf('#pad')).map(isHidden);
    await click('#fill');
    await waitForStatus('Round 20 of 20');
    const filled = await coloursOf('#filled');
    let error = 0;
    filled.forEach(([grey], i) => {
      if (hidden[i]) error += ((grey - whole[i]![0]) / 255) ** 2;
      else expect(grey).toBe(whole[i]![0]);
    });
    // A chance level: pixels of noise are off by 0.3 and more.
    expect(error / hidden.filter(Boolean).length).toBeLessThan(0.06);
  });

  test('erases where the pointer goes, draws where it is to draw, and clears', async () => {
    await click('#load');
    const pad = (await page.$('#pad'))!;
    const stroke = async () => {
      const { x, y, width, height } = (await pad.boundingBox())!;
      await page.mouse.move(x + width / 4, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + (3 * width) / 4, y + height / 2, { steps: 20 });
      await page.mouse.up();
    };
    await pad.scrollIntoView();
    await stroke();
    const erased = (await coloursOf('#pad')).filter(isHidden).length;
    expect(erased).toBeGreaterThan(40);
    await click('#clear');
    expect((await coloursOf('#pad')).every(([grey]) => grey === 0)).toBe(true);
    await click('#erase');
    await stroke();
    const drawn = (await coloursOf('#pad')).filter(([grey]) => grey > 128).length;
    expect(drawn).toBeGreaterThan(20);
    await click('#fill');
    await waitForStatus('Noise in place of what is missing');
    expect(await statusNow()).not.toContain('cannot');
    expect(complaints).toEqual([]);
  });
});
