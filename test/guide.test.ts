import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../src/cli/machine/browser.ts';
import { serveFolder } from '../src/cli/machine/static-server.ts';

const root = join(import.meta.dirname, '..');
const guide = join(root, 'docs/guide');
const run = promisify(execFile);

/** Inside of the package, which a module there finds by its own name. */
let folder: string;

beforeAll(async () => {
  await mkdir(join(root, 'dist'), { recursive: true });
  folder = await mkdtemp(join(root, 'dist/guide-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The blocks of a language in a page of the guide, joined. */
async function block(page: string, language: string): Promise<string> {
  const text = await readFile(join(guide, page), 'utf8');
  const found = [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))];
  if (found.length === 0) throw new Error(`${page} has no block of ${language}`);
  return found.map(([, code]) => code).join('');
}

const scripts = ['first-curve.md', 'own-device.md', 'sweep.md', 'own-rule.md', 'histograms.md', 'training.md'];

test('every page of the guide is run, and its list has them all', async () => {
  const pages = (await readdir(guide)).filter((name) => name !== 'README.md');
  expect(pages.sort()).toEqual([...scripts, 'embedding.md'].sort());
  const list = await readFile(join(guide, 'README.md'), 'utf8');
  for (const page of pages) expect(list).toContain(`](${page})`);
});

test.each(scripts)('%s prints what it says', async (page) => {
  const file = join(folder, page.replace('.md', '.mjs'));
  await writeFile(file, await block(page, 'js'));
  const { stdout } = await run(process.execPath, [file]);
  expect(stdout).toBe(await block(page, 'text'));
});

test('embedding.md is a page with three live figures', async () => {
  const site = await mkdtemp(join(tmpdir(), 'stdp-webgpu-guide-'));
  const launched = await launchBrowser({ adapter: 'software' });
  const server = await serveFolder(site);
  try {
    await cp(join(root, 'dist/browser'), join(site, 'node_modules/stdp-webgpu/dist/browser'), { recursive: true });
    await writeFile(join(site, 'index.html'), await block('embedding.md', 'html'));
    await writeFile(join(site, 'course.js'), await block('embedding.md', 'js'));
    const page = await launched.browser.newPage();
    await page.setViewport({ width: 700, height: 1800 });
    await page.goto(`${server.url}/index.html`);
    await page.waitForFunction(() =>
      /^\d+ pairs in 500 sequences$/.test(document.querySelector('#sum')?.textContent ?? ''),
    );
    for (const tag of ['stdp-curve', 'stdp-agreement', 'stdp-trace']) {
      await page.waitForFunction((name) => document.querySelector(name)?.shadowRoot?.querySelector('svg'), {}, tag);
    }
  } finally {
    await launched.close();
    await server.close();
    await rm(site, { recursive: true, force: true });
  }
});
