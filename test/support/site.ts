import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'puppeteer';
import { type LaunchedBrowser, launchBrowser } from '../../src/cli/machine/browser.ts';
import { type LocalServer, serveFolder } from '../../src/cli/machine/static-server.ts';

/** The site, served, and a browser on a software adapter to look at it with. */
export interface OpenedSite {
  readonly launched: LaunchedBrowser;
  /** What pages said on their consoles and asked of other hosts, which is to be nothing. */
  readonly complaints: string[];
  /**
   * Opens a page of the site.
   *
   * @param address below the site's folder, as `sweep.html?runtime=gpu`
   * @param before runs in the page ahead of everything else
   */
  page(address: string, before?: () => void): Promise<Page>;
  /** Clicks a button that has the browser save a file. @returns the file, as soon as it is whole */
  saved(page: Page, button: string, name: string): Promise<string>;
  close(): Promise<void>;
}

/** The site as `npm run build` left it. */
export const siteFolder = join(import.meta.dirname, '../../dist/demo');

/** Serves the site, in a folder below the server's own, as on a host that has other pages too. */
export function serveSite(): Promise<LocalServer> {
  return serveFolder(dirname(siteFolder));
}

/** Serves the site and opens a browser to look at it with. */
export async function openSite(): Promise<OpenedSite> {
  const folder = await mkdtemp(join(tmpdir(), 'stdp-webgpu-demo-'));
  const server = await serveSite();
  const launched = await launchBrowser({ adapter: 'software' });
  const complaints: string[] = [];
  return {
    launched,
    complaints,
    async page(address, before) {
      const page = await launched.browser.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.url)) {
          complaints.push(request.url());
        }
      });
      if (before) await page.evaluateOnNewDocument(before);
      await page.goto(`${server.url}/demo/${address}`);
      return page;
    },
    async saved(page, button, name) {
      const client = await page.createCDPSession();
      await client.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
      await rm(join(folder, name), { force: true });
      await page.click(button);
      for (let attempt = 0; attempt < 100; attempt++) {
        const content = await readFile(join(folder, name), 'utf8').catch(() => '');
        if (content !== '') return content;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`the browser did not save ${name}`);
    },
    async close() {
      await launched.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
