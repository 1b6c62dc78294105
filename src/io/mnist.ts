import { EngineError } from '../errors.ts';
import { readIdx } from './idx.ts';

/** Images with their classes. */
export interface LabelledImages {
  readonly count: number;
  /** Pixels down and across. */
  readonly rows: number;
  readonly columns: number;
  /** Shape [count][rows · columns], 0 … 255. */
  readonly images: Uint8Array<ArrayBuffer>;
  /** Class of each image, 0 … 255; shape [count]. */
  readonly labels: Uint8Array<ArrayBuffer>;
}

/** MNIST, or another data set in its format. */
export interface Mnist {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/** The four files by their part and content. */
export type MnistPart = 'train-images' | 'train-labels' | 'test-images' | 'test-labels';

/** Where a file is read from. */
export interface MnistFile {
  /** For errors. */
  readonly name: string;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

/** What the four files are called, up to `-ubyte` or `.idx3-ubyte` and an optional `.gz`. */
export const mnistNames: Readonly<Record<MnistPart, string>> = {
  'train-images': 'train-images-idx3-ubyte',
  'train-labels': 'train-labels-idx1-ubyte',
  'test-images': 't10k-images-idx3-ubyte',
  'test-labels': 't10k-labels-idx1-ubyte',
};

/** The part that a file with this name holds; `undefined` for other names. */
export function mnistPartOf(fileName: string): MnistPart | undefined {
  const wanted = fileName.replace(/\.gz$/, '').replace(/\.idx([13])-ubyte$/, '-idx$1-ubyte');
  return (Object.keys(mnistNames) as MnistPart[]).find((part) => mnistNames[part] === wanted);
}

/**
 * Reads a data set in the format of MNIST.
 *
 * @throws EngineError `file` for a file that is not what it should be, or where counts and sizes do not match.
 */
export async function readMnist(files: Readonly<Record<MnistPart, MnistFile>>): Promise<Mnist> {
  const train = await readPair(files['train-images'], files['train-labels']);
  const test = await readPair(files['test-images'], files['test-labels']);
  if (train.rows !== test.rows || train.columns !== test.columns) {
    const { name } = files['test-images'];
    const expected = `${train.rows} × ${train.columns}, as in ${files['train-images'].name}`;
    throw mismatch(name, `its images have ${test.rows} × ${test.columns} pixels`, expected);
  }
  return { train, test };
}

/** Images and their labels. @throws EngineError `file` */
export async function readPair(imageFile: MnistFile, labelFile: MnistFile): Promise<LabelledImages> {
  const images = await readIdx(await imageFile.bytes(), imageFile.name, 3);
  const labels = await readIdx(await labelFile.bytes(), labelFile.name, 1);
  const [count, rows, columns] = images.shape as [number, number, number];
  if (count === 0 || rows * columns === 0) throw mismatch(imageFile.name, 'holds no pixels', 'one image or more');
  if (labels.shape[0] !== count) {
    throw mismatch(
      labelFile.name,
      `holds ${labels.shape[0]} labels`,
      `${count}, one for each image in ${imageFile.name}`,
    );
  }
  return { count, rows, columns, images: images.values, labels: labels.values };
}

/** The bytes behind an address. @throws EngineError `file` when read, where it cannot be fetched. */
export function mnistUrl(url: string | URL): MnistFile {
  const name = String(url);
  return {
    name,
    async bytes() {
      const expected = 'an address that answers with the file';
      const response = await fetch(url).catch((cause: unknown) => {
        throw new EngineError('file', `${name}: cannot be fetched; expected ${expected}`, {
          path: name,
          expected,
          cause,
        });
      });
      if (!response.ok) {
        const message = `${name}: the server answers ${response.status}; expected ${expected}`;
        throw new EngineError('file', message, { path: name, value: response.status, expected });
      }
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

/**
 * The four files among those that a file picker gave.
 *
 * @throws EngineError `file` where one is missing.
 */
export function mnistAmong(files: Iterable<File>): Record<MnistPart, MnistFile> {
  const found = new Map<MnistPart, File>();
  for (const file of files) {
    const part = mnistPartOf(file.name);
    if (part) found.set(part, file);
  }
  const parts = (Object.keys(mnistNames) as MnistPart[]).map((part) => {
    const file = found.get(part);
    if (!file) throw mismatch(mnistNames[part], 'is not among the files', 'the four files of MNIST, plain or .gz');
    const bytes = async () => new Uint8Array(await file.arrayBuffer());
    return [part, { name: file.name, bytes }] as const;
  });
  return Object.fromEntries(parts) as Record<MnistPart, MnistFile>;
}

function mismatch(path: string, what: string, expected: string): EngineError {
  return new EngineError('file', `${path}: ${what}; expected ${expected}`, { path, expected });
}
