import type { Browser } from 'puppeteer';
import { EngineError } from '../../errors.ts';
import { type AdapterSummary, isSoftwareAdapter } from './adapters.ts';
import { requireRunnable, startBrowser } from './browser-process.ts';
import { type BrowserChoice, browserChoices, browserRemedy } from './find-browser.ts';
import { hasGpuDevice } from './gpu-devices.ts';
import { serve } from './static-server.ts';
import { unlessAborted } from './unless-aborted.ts';

export { type BrowserChoice, findBrowser } from './find-browser.ts';

/** Which adapter a browser is to offer: `auto` is the GPU if there is one that works, else the CPU. */
export type AdapterPreference = 'hardware' | 'software' | 'auto';

export interface LaunchOptions {
  /**
   * The browser to try first; an explicit one is the only one. By default the order of `findBrowser`.
   * The bundled browser has no windows and is passed over when `headed`.
   */
  readonly choice?: BrowserChoice;
  /** Show a window. Default: no. */
  readonly headed?: boolean;
  /** Default: `auto`. */
  readonly adapter?: AdapterPreference;
  /** Ends the start at once. */
  readonly signal?: AbortSignal | undefined;
}

/** A running browser whose pages get the adapter that is told here. */
export interface LaunchedBrowser {
  readonly browser: Browser;
  readonly executable: string;
  /** As in `HeadlessChrome/147.0.7727.55`. */
  readonly version: string;
  readonly adapter: AdapterSummary;
  /** Whether the adapter computes on the CPU. */
  readonly software: boolean;
  /** The flags it was started with, beside puppeteer's own. */
  readonly args: readonly string[];
  /** Ends the browser, by force if it does not answer, and removes its profile. */
  close(): Promise<void>;
}

/**
 * Starts a browser that has been seen to give a page on this machine a WebGPU adapter. Those that do not start or give
 * no adapter are passed over, unless the choice was explicit.
 *
 * @throws EngineError `unavailable`, naming every browser that was tried and why it failed; `invalid-option` if the
 *   explicit path is no program; `aborted`.
 */
export async function launchBrowser(options: LaunchOptions = {}): Promise<LaunchedBrowser> {
  const { choice, headed = false, adapter = 'auto', signal } = options;
  const wanted = wantedAdapters(adapter);
  const failures: EngineError[] = [];
  for await (const candidate of candidates(choice)) {
    if (headed && candidate.source === 'bundled') continue;
    try {
      return await launchCandidate(candidate, wanted, headed, signal);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'unavailable') throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first !== undefined && failures.length === 1) throw first;
  const reasons = failures.map((failure) => failure.message).join('\n');
  const window = headed ? ' with windows (the bundled one has none)' : '';
  const message = failures.length > 0 ? reasons : `no Chrome or Chromium${window} was found; ${browserRemedy}`;
  throw new EngineError('unavailable', message, { path: '--browser', expected: browserRemedy });
}

async function* candidates(first: BrowserChoice | undefined): AsyncGenerator<BrowserChoice> {
  if (first !== undefined) yield first;
  if (first?.source === 'explicit') return;
  for await (const next of browserChoices()) {
    if (next.executable !== first?.executable) yield next;
  }
}

function wantedAdapters(preference: AdapterPreference): ('hardware' | 'software')[] {
  if (preference === 'software') return ['software'];
  const hopeless = process.platform === 'linux' && !hasGpuDevice();
  if (preference === 'auto') return hopeless ? ['software'] : ['hardware', 'software'];
  if (!hopeless) return ['hardware'];
  throw new EngineError('unavailable', 'this machine has no GPU: neither /dev/dri/renderD* nor /dev/nvidia* exists', {
    expected: 'a machine with a GPU and its driver, or the software adapter',
  });
}

async function launchCandidate(
  choice: BrowserChoice,
  wanted: readonly ('hardware' | 'software')[],
  headed: boolean,
  signal: AbortSignal | undefined,
): Promise<LaunchedBrowser> {
  await requireRunnable(choice);
  let failure: EngineError | undefined;
  for (const kind of wanted) {
    try {
      return await launchWithAdapter(choice, kind, headed, signal);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code === 'aborted') throw error;
      failure = error;
    }
  }
  throw failure;
}

async function launchWithAdapter(
  choice: BrowserChoice,
  kind: 'hardware' | 'software',
  headed: boolean,
  signal: AbortSignal | undefined,
): Promise<LaunchedBrowser> {
  const args = browserFlags(choice, kind, headed);
  const { browser, close } = await startBrowser(choice, args, headed, signal);
  try {
    const adapter = await unlessAborted(adapterOf(browser), signal);
    if (adapter !== undefined && (kind === 'software' || !isSoftwareAdapter(adapter))) {
      const version = await browser.version();
      return { browser, executable: choice.executable, version, adapter, software: kind === 'software', args, close };
    }
  } catch (cause) {
    await close();
    throw signal?.aborted ? cause : adapterMissing(choice, kind, cause);
  }
  await close();
  throw adapterMissing(choice, kind);
}

function adapterMissing(choice: BrowserChoice, kind: 'hardware' | 'software', cause?: unknown): EngineError {
  const detail = cause instanceof Error ? `: ${cause.message}` : '';
  return new EngineError(
    'unavailable',
    `${choice.executable} gives a page no ${kind} WebGPU adapter${detail}; ${browserRemedy}`,
    { path: '--browser', value: choice.executable, expected: 'a browser with WebGPU (Chrome 113 or later)', cause },
  );
}

/** Quiet browsers: no updates, no accounts, no traffic of their own. */
const quietFlags = [
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

function browserFlags(choice: BrowserChoice, kind: 'hardware' | 'software', headed: boolean): string[] {
  const flags = [...quietFlags, '--enable-unsafe-webgpu'];
  // Chromium's sandbox refuses root, and the bundled one comes without the helper program that the sandbox needs.
  if (process.getuid?.() === 0 || choice.source === 'bundled') flags.push('--no-sandbox');
  if (kind === 'software') flags.push('--use-webgpu-adapter=swiftshader');
  else if (process.platform === 'linux') {
    flags.push('--enable-features=Vulkan', '--use-angle=vulkan');
    // A headless machine has no window system to make a Vulkan surface for.
    if (!headed) flags.push('--disable-vulkan-surface');
  }
  return flags;
}

/** A first adapter takes 0.1 s on the CPU and a second or two where a driver compiles; a broken driver hangs. */
const adapterTimeoutMs = 15_000;

/** What a page is given that asks for an adapter. The page is on 127.0.0.1: `about:blank` has no WebGPU. */
async function adapterOf(browser: Browser): Promise<AdapterSummary | undefined> {
  const server = await serve((_request, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>adapter</title>');
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new Error(`no answer within ${adapterTimeoutMs / 1000} s`);
    timer = setTimeout(() => reject(error), adapterTimeoutMs);
  });
  const asked = askForAdapter(browser, server.url);
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
    // If it is late, it fails once more when the browser is closed, and nobody listens any more.
    asked.catch(() => undefined);
    await server.close();
  }
}

async function askForAdapter(browser: Browser, url: string): Promise<AdapterSummary | undefined> {
  const page = await browser.newPage();
  await page.goto(url);
  const adapter = await page.evaluate(async () => {
    const info = (await navigator.gpu?.requestAdapter())?.info;
    if (info === undefined) return undefined;
    const { vendor, architecture, device, description, isFallbackAdapter } = info;
    return { vendor, architecture, device, description, isFallbackAdapter: isFallbackAdapter === true };
  });
  await page.close();
  return adapter;
}
