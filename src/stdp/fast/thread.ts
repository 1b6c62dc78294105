import { EngineError } from '../../errors.ts';
import { type Command, type Core, type CoreModule, createCore } from './core.ts';

/** Carries out lists of commands in the order they are given. */
export interface Thread {
  /** Results of the `read` commands. */
  run(commands: readonly Command[]): Promise<ArrayBuffer[]>;
  close(): void;
}

/** What the two kinds of worker have in common. */
interface Port {
  postMessage(message: unknown): void;
  terminate(): unknown;
  /** Node: whether the process waits for the worker. */
  ref?(): void;
  unref?(): void;
}

interface Handlers {
  message(data: Reply): void;
  failed(error: Error): void;
}

type Reply = { readonly results: ArrayBuffer[] } | { readonly error: { name: string; message: string } };

/** The calling thread keeps the event loop waiting for this long at most, and one row. */
const TURN_MS = 10;

/**
 * Source text of a worker, for the browser and for Node. Text rather than a file beside this one: the same line then
 * works from TypeScript sources, from every bundler's output, from a plain script tag and from a package in
 * node_modules. A page with a content security policy has to allow `worker-src blob:`; without it the work is done on
 * the calling thread.
 */
const workerSource = () => `'use strict';
const port = globalThis.process?.getBuiltinModule?.('node:worker_threads').parentPort ?? globalThis;
const createCore = ${createCore.toString()};
let core;
port.addEventListener('message', ({ data }) => {
  try {
    core ??= createCore(data);
    const results = core(data.commands);
    port.postMessage({ results }, results);
  } catch (error) {
    port.postMessage({ error: { name: String(error?.name), message: String(error?.message ?? error) } });
  }
});
`;

/** Starts a worker; `undefined` where there are none to be had. */
export async function startWorker(module: CoreModule): Promise<Thread | undefined> {
  const waiting: { resolve: (results: ArrayBuffer[]) => void; reject: (error: Error) => void }[] = [];
  let dead: Error | undefined;
  const stop = (error: Error) => {
    dead ??= error;
    for (const { reject } of waiting.splice(0)) reject(dead);
  };
  const port = openPort({
    message(reply) {
      const request = waiting.shift();
      if (waiting.length === 0) port?.unref?.();
      if ('results' in reply) request?.resolve(reply.results);
      else request?.reject(coreError(reply.error));
    },
    failed: (error) =>
      stop(new EngineError('device-lost', `a worker of the CPU engine failed: ${error.message}`, { cause: error })),
  });
  if (!port) return undefined;

  const send = (message: unknown) =>
    new Promise<ArrayBuffer[]>((resolve, reject) => {
      if (dead) {
        reject(dead);
        return;
      }
      port.ref?.();
      waiting.push({ resolve, reject });
      port.postMessage(message);
    });
  const close = () => {
    stop(new EngineError('aborted', 'the CPU engine was closed'));
    port.terminate();
  };
  try {
    await send({ ...module, commands: [] });
  } catch {
    close();
    return undefined;
  }
  return { run: (commands) => send({ commands }), close };
}

/** The calling thread in the place of a worker: gives way to the event loop every few milliseconds. */
export function callingThread(module: CoreModule): Thread {
  const core = createCore(module);
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  const work = async (commands: readonly Command[]) => {
    const results: ArrayBuffer[] = [];
    let started = performance.now();
    for (const piece of rowByRow(commands)) {
      if (closed) throw new EngineError('aborted', 'the CPU engine was closed');
      results.push(...runHere(core, piece));
      if (performance.now() - started < TURN_MS) continue;
      await new Promise((resolve) => setTimeout(resolve));
      started = performance.now();
    }
    return results;
  };
  return {
    run(commands) {
      const result = last.then(() => work(commands));
      last = result.catch(() => undefined);
      return result;
    },
    close() {
      closed = true;
    },
  };
}

function* rowByRow(commands: readonly Command[]): Generator<Command> {
  for (const command of commands) {
    if (command.do !== 'rows') yield command;
    else for (let row = command.from; row < command.to; row++) yield { ...command, from: row, to: row + 1 };
  }
}

function runHere(core: Core, command: Command): ArrayBuffer[] {
  try {
    return core([command]);
  } catch (error) {
    throw coreError(error as Error);
  }
}

/** A memory that cannot grow says so with a RangeError; anything else is a fault of this package. */
function coreError({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === 'RangeError') return new EngineError('out-of-memory', `no memory left for the CPU engine: ${message}`);
  return new Error(`the CPU engine failed: ${name}: ${message}`);
}

function openPort(handlers: Handlers): Port | undefined {
  try {
    return typeof Worker === 'function' ? openWebWorker(handlers) : openNodeWorker(handlers);
  } catch {
    return undefined;
  }
}

function openWebWorker({ message, failed }: Handlers): Port {
  const url = URL.createObjectURL(new Blob([workerSource()], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: 'stdp-webgpu cpu' });
  // The address is of no use once the worker has started, or has not.
  const release = () => URL.revokeObjectURL(url);
  worker.addEventListener('message', release, { once: true });
  worker.addEventListener('error', release, { once: true });
  worker.addEventListener('message', ({ data }) => message(data));
  worker.addEventListener('error', (event) => {
    failed(new Error(event.message || 'it could not be started'));
  });
  return worker;
}

function openNodeWorker({ message, failed }: Handlers): Port | undefined {
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  if (!threads) return undefined;
  const worker = new threads.Worker(workerSource(), { eval: true, execArgv: [] });
  worker.on('message', message);
  worker.on('error', failed);
  worker.on('exit', () => failed(new Error('it ended')));
  return worker;
}
