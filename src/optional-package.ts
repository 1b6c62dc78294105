import { EngineError } from './errors.ts';

/**
 * Loads a package that this one works without.
 *
 * @param name as it is installed
 * @param purpose what it is wanted for: `figures in Node need it`
 * @throws EngineError `unavailable` with the command that installs it, where it is not there
 */
export async function optionalPackage<T>(name: string, purpose: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const expected = `npm install ${name}`;
    throw new EngineError('unavailable', `the package ${name} is not installed, and ${purpose}; ${expected}`, {
      path: name,
      expected,
      cause,
    });
  }
}
