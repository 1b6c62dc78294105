import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { EngineError } from '../../errors.ts';
import { bundledBrowser } from './bundled.ts';

/** A Chrome or Chromium that could be started. */
export interface BrowserChoice {
  readonly executable: string;
  /** `explicit`: named by the user, so no other one is tried in its stead. */
  readonly source: 'explicit' | 'installed' | 'bundled';
  /** Environment variables that it needs beside those of this process. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What to do where no browser can be used. */
export const browserRemedy =
  'install Chrome or Chromium, or name one with --browser PATH or STDP_WEBGPU_BROWSER, or use --runtime node or cpu';

/**
 * The first browser of {@link browserChoices}.
 *
 * @throws EngineError `invalid-option` if the explicit path is no program, `unavailable` if the machine has no browser.
 */
export async function findBrowser(explicit?: string): Promise<BrowserChoice> {
  for await (const choice of browserChoices(explicit)) return choice;
  throw new EngineError('unavailable', `no Chrome or Chromium was found; ${browserRemedy}`, {
    path: '--browser',
    expected: browserRemedy,
  });
}

/**
 * The browsers that can be tried, best first: the explicit one (then no other), those that are installed, the bundled
 * one, which is unpacked when its turn comes.
 *
 * @param explicit Path of an executable; without it, `STDP_WEBGPU_BROWSER` or `PUPPETEER_EXECUTABLE_PATH`.
 * @throws EngineError `invalid-option` if the explicit path is no program.
 */
export async function* browserChoices(explicit?: string): AsyncGenerator<BrowserChoice> {
  const named = explicitBrowser(explicit);
  if (named !== undefined) {
    await requireExecutable(named.executable, named.option);
    yield { executable: named.executable, source: 'explicit', environment: {} };
    return;
  }
  const seen = new Set<string>();
  for (const executable of installedPaths()) {
    if (!(await isExecutable(executable))) continue;
    const real = await realpath(executable);
    if (seen.has(real)) continue;
    seen.add(real);
    yield { executable, source: 'installed', environment: {} };
  }
  const bundled = await bundledBrowser();
  if (bundled === undefined) return;
  const { LD_LIBRARY_PATH, FONTCONFIG_FILE } = process.env;
  yield {
    executable: bundled.executable,
    source: 'bundled',
    environment: {
      LD_LIBRARY_PATH: [bundled.libraryPath, LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
      FONTCONFIG_FILE: FONTCONFIG_FILE || bundled.fontConfiguration,
    },
  };
}

/** The browser that the user names, and how it was named. */
function explicitBrowser(flag?: string): { executable: string; option: string } | undefined {
  if (flag !== undefined) return { executable: flag, option: '--browser' };
  for (const option of ['STDP_WEBGPU_BROWSER', 'PUPPETEER_EXECUTABLE_PATH']) {
    const executable = process.env[option];
    if (executable) return { executable, option };
  }
  return undefined;
}

async function requireExecutable(executable: string, option: string): Promise<void> {
  if (await isExecutable(executable)) return;
  const expected = 'the path of an executable Chrome or Chromium';
  throw new EngineError(
    'invalid-option',
    `${option}: ${JSON.stringify(executable)} is not allowed; expected ${expected}`,
    {
      path: option,
      value: executable,
      expected,
    },
  );
}

/** Where Chrome and Chromium are installed on this kind of machine, best first, whether or not they are there. */
function installedPaths(): string[] {
  if (process.platform === 'win32') {
    const programs = [
      'Google\\Chrome\\Application\\chrome.exe',
      'Chromium\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ];
    const places = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA];
    return programs.flatMap((program) => places.filter((place) => place).map((place) => `${place}\\${program}`));
  }
  const commands = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = commands.flatMap((command) => folders.map((folder) => join(folder, command)));
  if (process.platform !== 'darwin') return onPath;
  const applications = ['Google Chrome.app/Contents/MacOS/Google Chrome', 'Chromium.app/Contents/MacOS/Chromium'];
  const places = ['/Applications', join(homedir(), 'Applications')];
  return [...applications.flatMap((program) => places.map((place) => join(place, program))), ...onPath];
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
