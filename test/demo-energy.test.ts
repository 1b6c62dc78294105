import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syntheticMnist, writeMnist } from './support/idx-files.ts';
import { type OpenedSite, openSite } from './support/site.ts';

let folder: string;
let site: OpenedSite;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stdp-webgpu-energy-'));
  site = await openSite();
  page = await site.page('energy.html');
});
afterAll(async () => {
  await site?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const cosines = async () => {
  const text = await page.$eval('#bars desc', (desc) => desc.textContent ?? '');
  return [...text.matchAll(/cosine (-?[\d.]+)\./g)].map(([, cosine]) => Number(cosine));
};

describe('the page on early inference', () => {
  test('shows first motions along the gradient, the better the smaller the leak', async () => {
    await page.waitForSelector('#bars svg');
    const setLeak = (place: string) =>
      page.$eval(
        '#slider-epsilon',
        (input, value) => {
          (input as HTMLInputElement).value = value;
          input.dispatchEvent(new Event('input'));
        },
        place,
      );
    await setLeak('0');
    const small = await cosines();
    await setLeak('60');
    const large = await cosines();
    expect(small).toHaveLength(3);
    for (const cosine of small) expect(cosine).toBeGreaterThan(0.9999);
    expect(Math.min(...large)).toBeLessThan(Math.min(...small));
    await page.select('#choice-depth', '3');
    expect(await cosines()).toHaveLength(4);
  });

  test('settles as the dynamics says, is nudged layer by layer, and can be saved', async () => {
    expect(await page.$eval('#settling desc', (desc) => desc.textContent)).toMatch(/the energy falls from/);
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    await page.click('#play');
    await page.waitForFunction(() =>
      document.querySelector('#stage')?.textContent?.startsWith('Every layer has moved'),
    );
    const csv = await site.saved(page, '#download-csv', 'early-inference.csv');
    const [header, ...rows] = csv.trimEnd().split('\n');
    expect(header).toBe('k,unit,motion,descent');
    // Three hidden layers of 10 units, and 5 of output.
    expect(rows).toHaveLength(35);
    expect(await site.saved(page, '#download-svg', 'early-inference.svg')).toMatch(/^<\?xml.*<\/svg>\n$/s);
  });

  test('learns from the reader’s own files, and says what is wrong with others', async () => {
    const data = join(folder, 'data');
    await writeMnist(data, syntheticMnist({ train: 1200, test: 100, rows: 6, columns: 6, classes: 4 }));
    const files = (await readdir(data)).map((name) => join(data, name));
    const picker = (await page.$('#files')) as ElementHandle<HTMLInputElement>;
    await picker.uploadFile(...files.slice(1));
    await page.click('#train');
    await page.waitForFunction(() => !document.querySelector<HTMLElement>('#problem')!.hidden);
    expect(await page.$eval('#problem', (problem) => problem.textContent)).toMatch(/is not among the files/);
    await picker.uploadFile(...files);
    await page.click('#train');
    await page.waitForFunction(
      () => document.querySelector('#errors desc')?.textContent?.match(/After (\d+) epochs/)?.[1] === '3',
    );
    await page.click('#stop');
    await page.waitForSelector('#train:not([hidden])');
    const said = await page.$eval('#status', (status) => status.textContent ?? '');
    expect(Number(/epochs (\d+\.\d+) %/.exec(said)?.[1])).toBeLessThan(5);
    expect(site.complaints).toEqual([]);
  });
});
