import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import { type Mnist, type MnistFile, type MnistPart, mnistNames, mnistPartOf, readMnist } from './mnist.ts';

/**
 * Reads the four files of MNIST from a folder, plain or compressed.
 *
 * @throws EngineError `file` for a folder or file that is missing, damaged or something else.
 */
export async function readMnistFolder(folder: string): Promise<Mnist> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw missing(folder, 'there is no such folder, or it cannot be read', cause);
  });
  const parts = (Object.keys(mnistNames) as MnistPart[]).map((part) => {
    // A plain file goes before a compressed one, which takes longer to read.
    const [name] = names.filter((candidate) => mnistPartOf(candidate) === part).sort((a, b) => a.length - b.length);
    if (name === undefined) throw missing(join(folder, mnistNames[part]), 'there is no such file, nor with .gz');
    return [part, fileAt(join(folder, name))] as const;
  });
  return readMnist(Object.fromEntries(parts) as Record<MnistPart, MnistFile>);
}

function fileAt(path: string): MnistFile {
  return {
    name: path,
    bytes: async () =>
      new Uint8Array(
        await readFile(path).catch((cause: unknown) => {
          throw missing(path, 'cannot be read', cause);
        }),
      ),
  };
}

function missing(path: string, what: string, cause?: unknown): EngineError {
  const expected = 'a folder with the four files of MNIST (train-images-idx3-ubyte, …), plain or .gz';
  return new EngineError('file', `${path}: ${what}; expected ${expected}`, { path, expected, cause });
}
