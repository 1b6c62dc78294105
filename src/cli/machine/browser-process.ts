import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { EngineError } from '../../errors.ts';
import { optionalPackage } from '../../optional-package.ts';
import { type BrowserChoice, browserRemedy } from './find-browser.ts';
import { abortedError } from './unless-aborted.ts';

/** A browser under our control, with a profile of its own. */
export interface BrowserProcess {
  readonly browser: Browser;
  /** Ends the browser, by force if it does not answer, and removes its profile. */
  close(): Promise<void>;
}

/** A browser on a busy two-core machine starts in about a second; one that takes this long hangs. */
const startTimeoutMs = 60_000;

/** After this long a browser that was asked to close is killed. */
const closeTimeoutMs = 5_000;

/** A browser that is run only for its answer takes 0.1 to 0.5 s; a loaded machine is allowed for. */
const answerTimeoutMs = 20_000;

/**
 * Starts a browser.
 *
 * @throws EngineError `unavailable`, with the browser's own last words, if it does not start; `aborted`.
 */
export async function startBrowser(
  choice: BrowserChoice,
  args: readonly string[],
  headed: boolean,
  signal?: AbortSignal,
): Promise<BrowserProcess> {
  const profile = await mkdtemp(join(tmpdir(), 'stdp-webgpu-profile-'));
  const removeProfile = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', removeProfile);
  const release = async () => {
    process.off('exit', removeProfile);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const browser = await launch(choice, args, headed, profile, signal);
    return { browser, close: () => endBrowser(browser).finally(release) };
  } catch (error) {
    if (signal?.aborted) {
      await release();
      throw abortedError();
    }
    // puppeteer does not tell what the browser said before it died, so it is made to say it again.
    const aloneArgs = [...args, ...(headed ? [] : ['--headless']), `--user-data-dir=${profile}`, '--dump-dom'];
    const complaint = await complaintOf(choice, [...aloneArgs, 'about:blank']);
    await release();
    throw notStarting(choice, complaint ?? (error as Error).message, error);
  }
}

/**
 * Asks a browser for its version, which it only tells if its libraries are there.
 *
 * @throws EngineError `unavailable`, with its complaint.
 */
export async function requireRunnable(choice: BrowserChoice): Promise<void> {
  // On Windows `--version` opens a window instead.
  if (process.platform === 'win32') return;
  const complaint = await complaintOf(choice, ['--version']);
  if (complaint !== undefined) throw notStarting(choice, complaint);
}

/** Runs a browser to its end and gives what it wrote to standard error if that end is a failure. */
function complaintOf(choice: BrowserChoice, args: readonly string[]): Promise<string | undefined> {
  const options = { env: { ...process.env, ...choice.environment }, timeout: answerTimeoutMs };
  return new Promise((resolve) => {
    execFile(choice.executable, args, options, (error, _stdout, stderr) => {
      if (error === null) resolve(undefined);
      else resolve(stderr.trim() === '' ? error.message : stderr);
    });
  });
}

/** Through a pipe instead of a socket, the browser ends with this process however that ends. */
async function launch(
  choice: BrowserChoice,
  args: readonly string[],
  headed: boolean,
  profile: string,
  signal: AbortSignal | undefined,
): Promise<Browser> {
  const { default: puppeteer } = await optionalPackage(
    'puppeteer',
    'the runtime chrome needs it',
    () => import('puppeteer'),
  );
  // One of its own: it would end the browser later too.
  const start = new AbortController();
  const abort = () => start.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const timer = setTimeout(abort, startTimeoutMs);
  try {
    return await puppeteer.launch({
      executablePath: choice.executable,
      args: [...args],
      env: { ...process.env, ...choice.environment },
      headless: !headed,
      userDataDir: profile,
      pipe: true,
      protocolTimeout: 0,
      timeout: startTimeoutMs,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      signal: start.signal,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

async function endBrowser(browser: Browser): Promise<void> {
  const child = browser.process();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeTimeoutMs);
  });
  await Promise.race([browser.close().catch(() => undefined), late]);
  clearTimeout(timer);
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    // puppeteer makes the browser lead a process group of its own, but not on Windows.
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function notStarting(choice: BrowserChoice, complaint: string, cause?: unknown): EngineError {
  const { executable } = choice;
  return new EngineError('unavailable', `${executable} does not start: ${lastWords(complaint)}; ${browserRemedy}`, {
    path: '--browser',
    value: executable,
    expected: browserRemedy,
    cause,
  });
}

/** The line that tells the cause: the last that Chromium calls fatal, else the last that belongs to no stack trace. */
function lastWords(complaint: string): string {
  const lines = complaint.split('\n').map((line) => line.trim());
  const isFatal = (line: string) => line.includes(':FATAL:');
  const isMeant = (line: string) => line !== '' && !/^(#\d+ |\[end of stack|at )/.test(line);
  return lines.findLast(isFatal) ?? lines.findLast(isMeant) ?? 'it says nothing';
}
