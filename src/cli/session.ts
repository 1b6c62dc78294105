import { writeFile } from 'node:fs/promises';
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
    const text = `${JSON.stringify(value, null, 2)}\n`;
    if (this.#json === '-') process.stdout.write(text);
    else await writeFile(this.#json, text);
  }
}

/**
 * Opens a runtime, runs work with it, and closes it whatever happens. The first interrupt (Ctrl-C, SIGTERM) aborts
 * the signal, so that the work ends by itself; the second ends the process.
 */
export async function withRuntime<T>(
  options: CommonOptions,
  reporter: Reporter,
  work: (runtime: Runtime, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  let runtime: Runtime | undefined;
  try {
    runtime = await openBestRuntime(options.runtime, options, (name, reason) =>
      reporter.line(`runtime ${name} is passed over: ${reason}`),
    );
    const { runtime: name, adapter, software } = runtime.description;
    reporter.line(`runtime ${name}: ${adapter}${software && name !== 'cpu' ? ' (software adapter)' : ''}`);
    return await work(runtime, controller.signal);
  } finally {
    await runtime?.close();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
