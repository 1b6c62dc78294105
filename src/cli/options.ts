import { stat } from 'node:fs/promises';
import { Option } from 'commander';
import { EngineError } from '../errors.ts';
import { requireWritable } from './output-folder.ts';
import { type RuntimeName, runtimeNames } from './runtimes/runtime.ts';
import type { TableFormat } from './write-table.ts';

/** Options that several commands share. */
export interface CommonOptions {
  readonly seed?: number;
  readonly runtime?: RuntimeName;
  readonly browser?: string;
  readonly headed?: boolean;
  readonly chunk?: number;
  readonly format: TableFormat;
  readonly quiet?: boolean;
  readonly json?: string;
}

/** The error for a flag whose value is not acceptable. */
export function badOption(flag: string, value: string, expected: string): EngineError {
  const message = `${flag}: ${JSON.stringify(value)} is not allowed; expected ${expected}`;
  return new EngineError('invalid-option', message, { path: flag, value, expected });
}

/**
 * Checks what the options say together, and that `--json` can be written.
 *
 * @throws EngineError `invalid-option` or `file`.
 */
export async function checkOptions({
  runtime,
  browser,
  headed,
  json,
}: Pick<CommonOptions, 'runtime' | 'browser' | 'headed' | 'json'>): Promise<void> {
  const flag = browser !== undefined ? '--browser' : headed ? '--headed' : undefined;
  if (flag && runtime && runtime !== 'chrome') throw badOption('--runtime', runtime, `chrome, as ${flag} is given`);
  if (json === undefined || json === '-') return;
  const isFolder = await stat(json).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (json === '' || isFolder) throw badOption('--json', json, 'the path of a file, or - for standard output');
  await requireWritable('--json', json);
}

function integerOption(flag: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw badOption(flag, text, `an integer from ${least} to ${most}`);
  };
}

/** Reads an integer ≥ 1. */
export function countOption(flag: string): (text: string) => number {
  return integerOption(flag, 1, Number.MAX_SAFE_INTEGER);
}

/** Reads one of some words; the help lists them. */
function choiceOption(option: Option, choices: readonly string[]): Option {
  return option.choices(choices).argParser((text) => {
    if (choices.includes(text)) return text;
    throw badOption(option.long ?? '', text, `one of ${choices.join(', ')}`);
  });
}

/** Reads SEQ:TRIAL. */
function traceOption(text: string): { sequence: number; trial: number } {
  const match = /^(\d+):(\d+)$/.exec(text);
  if (!match) throw badOption('--trace', text, 'SEQ:TRIAL, two integers from 0, such as 0:0');
  return { sequence: Number(match[1]), trial: Number(match[2]) };
}

export const option = {
  seed: () =>
    new Option('--seed <n>', 'seed instead of the one in the spec').argParser(integerOption('--seed', 0, 2 ** 32 - 1)),
  runtime: () =>
    choiceOption(new Option('--runtime <name>', 'where to compute; default: the best one available'), runtimeNames),
  browser: () => new Option('--browser <path>', 'Chrome or Chromium to use'),
  headed: () => new Option('--headed', "show the browser's window (runtime chrome)"),
  chunk: () =>
    new Option('--chunk <n>', 'at most n trials of a sequence per dispatch; never changes results').argParser(
      integerOption('--chunk', 1, Number.MAX_SAFE_INTEGER),
    ),
  trace: () => new Option('--trace <seq:trial>', 'also write one trial step by step').argParser(traceOption),
  format: () => choiceOption(new Option('--format <format>', 'format of tables'), ['csv', 'arrow']).default('csv'),
  quiet: () => new Option('--quiet', 'print nothing but errors'),
  json: () => new Option('--json <file>', 'write a machine-readable summary; - for standard output'),
};
