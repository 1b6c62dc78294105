import { InvalidArgumentError, Option } from 'commander';
import { type RuntimeName, runtimeNames } from './runtimes/runtime.ts';
import type { TableFormat } from './write-experiment.ts';

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

/** Reads an integer from `least` to `most`. */
export function integerOption(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`);
  };
}

/** Reads SEQ:TRIAL. */
export function traceOption(text: string): { sequence: number; trial: number } {
  const match = /^(\d+):(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError('Expected SEQ:TRIAL, two integers from 0, such as 0:0.');
  return { sequence: Number(match[1]), trial: Number(match[2]) };
}

export const option = {
  seed: () => new Option('--seed <n>', 'seed instead of the one in the spec').argParser(integerOption(0, 2 ** 32 - 1)),
  runtime: () =>
    new Option('--runtime <name>', 'where to compute; default: the best one available').choices([...runtimeNames]),
  browser: () => new Option('--browser <path>', 'Chrome or Chromium to use'),
  headed: () => new Option('--headed', "show the browser's window (runtime chrome)"),
  chunk: () =>
    new Option('--chunk <n>', 'at most n trials of a sequence per dispatch; never changes results').argParser(
      integerOption(1, Number.MAX_SAFE_INTEGER),
    ),
  format: () => new Option('--format <format>', 'format of tables').choices(['csv', 'arrow']).default('csv'),
  quiet: () => new Option('--quiet', 'print nothing but errors'),
  json: () => new Option('--json <file>', 'write a machine-readable summary; - for standard output'),
};
