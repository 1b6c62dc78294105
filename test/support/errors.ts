import { EngineError } from '../../src/errors.ts';

/** The error that an action throws; fails where it throws none. */
export function errorOf(action: () => unknown): EngineError {
  try {
    action();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** The error that a promise is rejected with; fails where it is not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<EngineError> {
  const error = await promise.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof EngineError) return error;
  throw error;
}
