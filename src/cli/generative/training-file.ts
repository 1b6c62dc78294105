import { access } from 'node:fs/promises';
import { EngineError } from '../../errors.ts';
import { MODEL_KIND, packTraining, type SavedTraining, unpackTraining } from '../../generative/model-file.ts';
import type { GenerativeSpec } from '../../generative/spec.ts';
import { readCheckpoint, writeCheckpoint } from '../../io/checkpoint-file.ts';

/** Reads a model. @throws EngineError `file` where there is none, or the file is damaged or something else. */
export async function readTraining(path: string): Promise<SavedTraining> {
  return unpackTraining(await readCheckpoint(path, MODEL_KIND), path);
}

/** Reads a model whose training has ended. @throws EngineError `file` where it has not. */
export async function readModel(path: string): Promise<SavedTraining & Required<Pick<SavedTraining, 'prior'>>> {
  const training = await readTraining(path);
  const { prior } = training;
  if (prior) return { ...training, prior };
  const expected = 'a model whose training has ended: `generative train` with the same options goes on with it';
  throw new EngineError('file', `${path}: its training was interrupted; expected ${expected}`, { path, expected });
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
  const training = await readTraining(path);
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
