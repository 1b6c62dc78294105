import { access } from 'node:fs/promises';
import { EngineError } from '../../errors.ts';
import {
  MODEL_KIND,
  packTraining,
  portableOf,
  type SavedTraining,
  unpackTraining,
} from '../../generative/model-file.ts';
import type { PortableModel } from '../../generative/portable-model.ts';
import { fromQuantised } from '../../generative/quantised-model.ts';
import type { GenerativeSpec } from '../../generative/spec.ts';
import { isCheckpoint, unpackCheckpoint } from '../../io/checkpoint.ts';
import { writeCheckpoint } from '../../io/checkpoint-file.ts';
import { readBytes } from '../../io/read-text.ts';

/** A model to be asked, and what its file says of how it was trained: an export says nothing. */
export interface AskedModel {
  readonly portable: PortableModel;
  readonly training?: Pick<SavedTraining, 'spec' | 'images'>;
}

/**
 * Reads a model to be asked.
 *
 * @param path of a training that has ended, or of what `generative export` made of it
 * @throws EngineError `file` where there is none, its training has not ended, or the file is damaged or something else.
 */
export async function readAsked(path: string): Promise<AskedModel> {
  const bytes = await bytesOf(path);
  if (isCheckpoint(bytes)) {
    const training = ended(await trainingIn(bytes, path), path);
    return { portable: portableOf(training), training };
  }
  const expected = 'a whole file that `generative train` or `generative export` wrote';
  return { portable: fromQuantised(bytes.buffer, path, expected) };
}

/** Reads a training that has ended. @throws EngineError `file` where it has not, or there is none in the file. */
export async function readEnded(path: string): Promise<SavedTraining & Required<Pick<SavedTraining, 'prior'>>> {
  return ended(await trainingIn(await bytesOf(path), path), path);
}

/**
 * The training in a file, to go on with; `undefined` where there is no such file.
 *
 * @throws EngineError `file` where the file holds something else, or a training with another spec or other images.
 */
export async function readTrainingOf(
  path: string,
  spec: GenerativeSpec,
  images: number,
): Promise<SavedTraining | undefined> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) return undefined;
  const bytes = await bytesOf(path);
  if (isExport(bytes, path)) {
    throw exportRefusal(`--out: ${path}`, '--out', 'a new file, or one that `generative train` wrote');
  }
  const training = await trainingIn(bytes, path);
  if (JSON.stringify(training.spec) === JSON.stringify(spec) && training.images === images) return training;
  const expected = 'a new file, or one with the same spec and images';
  throw new EngineError('file', `--out: ${path} holds another training; expected ${expected}`, {
    path: '--out',
    value: path,
    expected,
  });
}

export async function writeTraining(path: string, training: SavedTraining): Promise<void> {
  await writeCheckpoint(path, packTraining(training));
}

async function bytesOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readBytes(path));
}

async function trainingIn(bytes: Uint8Array<ArrayBuffer>, path: string): Promise<SavedTraining> {
  if (isExport(bytes, path)) throw exportRefusal(`${path}:`, path, 'the file that `generative train` wrote');
  return unpackTraining(await unpackCheckpoint(bytes, path, MODEL_KIND), path);
}

function exportRefusal(start: string, path: string, expected: string): EngineError {
  const what = 'is what `generative export` wrote, rounded weights without the state of a training';
  return new EngineError('file', `${start} ${what}; expected ${expected}`, { path, expected });
}

function isExport(bytes: Uint8Array<ArrayBuffer>, path: string): boolean {
  try {
    return !isCheckpoint(bytes) && fromQuantised(bytes.buffer, path) !== undefined;
  } catch (error) {
    if (error instanceof EngineError) return false;
    throw error;
  }
}

function ended(training: SavedTraining, path: string): SavedTraining & Required<Pick<SavedTraining, 'prior'>> {
  const { prior } = training;
  if (prior) return { ...training, prior };
  const expected = 'a model whose training has ended: `generative train` with the same options goes on with it';
  throw new EngineError('file', `${path}: its training was interrupted; expected ${expected}`, { path, expected });
}
