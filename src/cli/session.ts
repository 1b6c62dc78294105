import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { jsonText } from '../io/json-text.ts';
import { abortedError } from './machine/unless-aborted.ts';
import type { CommonOptions } from './options.ts';
import { openBestRuntime } from './runtimes/open.ts';
import type { Runtime } from './runtimes/runtime.ts';

/** What a command prints and to where. */
export class Reporter {
  readonly #quiet: boolean;
  readonly #json: string | undefined;

  constructor({ quiet, json }: Pick<CommonOptions, 'quiet' | 'json'>) {
    this.#quiet = quiet ?? false;
    this.#json = json;
  }

  get quiet(): boolean {
    return this.#quiet;
  }

  /** A line for people; on stderr where standard output belongs to the summary. */
  line(text: string): void {
    if (this.#quiet) return;
    (this.#json === '-' ? process.stderr : process.stdout).write(`${text}\n`);
  }

  /** The summary for machines, where one was asked for. */
  async summary(value: unknown): Promise<void> {
    if (this.#json === undefined) return;
    const text = `${jsonText(value)}\n`;
    if (this.#json === '-') {
      process.stdout.write(text);
      return;
    }
    await mkdir(dirname(this.#json), { recursive: true });
    await writeFile(this.#json, text);
  }
}

/**
 * Runs work that can be interrupted. The first interrupt (Ctrl-C, SIGTERM, a closed terminal) aborts the signal, so
 * that the work ends by itself; the second ends the process.
 */
export async function withInterrupts<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
}

/**
 * Opens a runtime, runs work with it, and closes it whatever happens.
 *
 * @throws EngineError `aborted` where the signal came before the runtime was open.
 */
export async function withRuntime<T>(
  options: CommonOptions,
  reporter: Reporter,
  signal: AbortSignal,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const runtime = await openBestRuntime(options.runtime, {
    ...options,
    signal,
    onSkipped: (name, reason) => reporter.line(`runtime ${name} is passed over: ${reason}`),
  });
  try {
    if (signal.aborted) throw abortedError();
    const { runtime: name, adapter, software } = runtime.description;
    const note = name === 'cpu' ? noteOnCpu(options) : software ? ' (software adapter)' : '';
    reporter.line(`runtime ${name}: ${adapter}${note}`);
    return await work(runtime);
  } finally {
    await runtime.close();
  }
}

/** Why the CPU computes though nobody asked for it. */
function noteOnCpu({ runtime }: CommonOptions): string {
  return runtime === undefined
    ? ' (no hardware GPU here; --runtime chrome or node runs the WGSL kernels in software)'
    : '';
}
