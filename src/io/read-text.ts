import { readFile } from 'node:fs/promises';
import { EngineError } from '../errors.ts';

/** The text of a file. @throws EngineError `file` that says why it cannot be read. */
export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString('utf8');
}

/** The bytes of a file. @throws EngineError `file` that says why it cannot be read. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'is a folder',
      EACCES: 'no permission to read it',
    };
    const reason = reasons[String(code)] ?? `cannot be read (${String(code)})`;
    const expected = 'a file that can be read';
    throw new EngineError('file', `${path}: ${reason}; expected ${expected}`, { path, expected, cause });
  }
}
