import { EngineError } from '../../errors.ts';

/**
 * Waits for work that cannot be ended, and no longer than until the signal.
 *
 * @throws EngineError `aborted`, or what the work fails with.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  // It fails once more when what it uses is closed, and nobody listens any more.
  work.catch(() => undefined);
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(abortedError());
  });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** What a command fails with that was interrupted before it had a result. */
export function abortedError(): EngineError {
  return new EngineError('aborted', 'interrupted before anything was finished; nothing is written');
}
