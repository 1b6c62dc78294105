import type { Page } from 'puppeteer';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { type LaunchedBrowser, launchBrowser } from '../src/cli/machine/browser.ts';
import { gpuCases } from './gpu/cases.ts';

let server: ViteDevServer;
let launched: LaunchedBrowser;
let page: Page;

// Without a browser or an adapter this fails, and with it every case: a suite that skips would hide what it is for.
beforeAll(async () => {
  server = await createServer({
    root: `${import.meta.dirname}/..`,
    configFile: false,
    define: { __PACKAGE_VERSION__: JSON.stringify(manifest.version) },
    // A page that reloads because a dependency was found late, or because somebody edits a file, loses its device.
    optimizeDeps: { noDiscovery: true },
    server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
    logLevel: 'error',
  });
  await server.listen();
  launched = await launchBrowser({ adapter: 'software' });
  page = await launched.browser.newPage();
  const { port } = server.httpServer!.address() as { port: number };
  await page.goto(`http://127.0.0.1:${port}/test/gpu/page.html`);
  await page.waitForFunction('window.runGpuCase !== undefined');
});

afterAll(async () => {
  await launched?.close();
  await server?.close();
});

describe('in headless Chromium', () => {
  for (const { name } of gpuCases) {
    it(name, async () => {
      const failure = await page.evaluate((wanted) => window.runGpuCase!(wanted), name);
      if (failure !== undefined) throw new Error(failure);
    });
  }
});
