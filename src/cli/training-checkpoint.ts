import type { TrainingSettings } from '../energy/training/settings.ts';
import type { TrainingState } from '../energy/training/trainer.ts';
import { EngineError } from '../errors.ts';
import { type Checkpoint, type SavedArray, savedArray } from '../io/checkpoint.ts';
import { readCheckpoint, writeCheckpoint } from '../io/checkpoint-file.ts';

/** An epoch that was finished. Errors are shares of the examples. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Of the free phases during the epoch, each before its update. */
  readonly train_error: number;
  /** Of free phases that start at 0, after the epoch. */
  readonly test_error: number;
  /** C = ½ ‖y − d‖² of the free phases, mean over the training examples. */
  readonly train_cost: number;
  /** Of learning; without the test. */
  readonly seconds: number;
}

/** A training after some whole epochs. */
export interface SavedTraining {
  readonly settings: TrainingSettings;
  readonly epochs: readonly EpochRecord[];
  /** Training examples, which particles belong to. */
  readonly examples: number;
  readonly state: TrainingState;
}

const KIND = 'energy';

/** Writes a training so that the file is at every moment whole. @throws EngineError `file` */
export async function saveTraining(path: string, { settings, epochs, examples, state }: SavedTraining): Promise<void> {
  const { sizes } = settings;
  const arrays: Record<string, SavedArray> = {};
  state.parameters.weights.forEach((values, k) => {
    arrays[`weights-${k + 1}`] = { shape: [sizes[k]!, sizes[k + 1]!], values };
  });
  state.parameters.biases.forEach((values, layer) => {
    arrays[`biases-${layer}`] = { shape: [sizes[layer]!], values };
  });
  state.particles.forEach((values, k) => {
    arrays[`particles-${k + 1}`] = { shape: [examples, sizes[k + 1]!], values };
  });
  await writeCheckpoint(path, { kind: KIND, about: { settings, epochs, examples }, arrays });
}

/** @throws EngineError `file` where there is none, or it is damaged, of another kind, or its parts do not fit. */
export async function loadTraining(path: string): Promise<SavedTraining> {
  const checkpoint = await readCheckpoint(path, KIND);
  const { settings, epochs, examples } = aboutOf(checkpoint, path);
  const { sizes } = settings;
  const array = (name: string, shape: readonly number[]) => savedArray(checkpoint, path, name, shape);
  return {
    settings,
    epochs,
    examples,
    state: {
      parameters: {
        weights: sizes.slice(1).map((columns, k) => array(`weights-${k + 1}`, [sizes[k]!, columns])),
        biases: sizes.map((size, layer) => array(`biases-${layer}`, [size])),
      },
      particles: settings.persistent
        ? sizes.slice(1).map((units, k) => array(`particles-${k + 1}`, [examples, units]))
        : [],
    },
  };
}

function aboutOf({ about }: Checkpoint, path: string): Omit<SavedTraining, 'state'> {
  const { settings, epochs, examples } = (about ?? {}) as Partial<Omit<SavedTraining, 'state'>>;
  if (Array.isArray(settings?.sizes) && Array.isArray(epochs) && typeof examples === 'number') {
    return { settings, epochs, examples };
  }
  const expected = 'a checkpoint of energy train';
  throw new EngineError('file', `${path}: says nothing of its settings; expected ${expected}`, { path, expected });
}

/**
 * Refuses to go on with other settings or examples than those of a checkpoint.
 *
 * @throws EngineError `file` with the first that differs.
 */
export function requireSameTraining(
  path: string,
  saved: SavedTraining,
  wanted: TrainingSettings,
  examples: number,
): void {
  const refuse = (name: string, has: unknown, want: unknown) => {
    const message = `${path}: was trained with ${name} ${text(has)}; expected ${text(want)}`;
    throw new EngineError('file', message, { path, value: has, expected: text(want) });
  };
  for (const [name, value] of Object.entries(wanted)) {
    const has = saved.settings[name as keyof TrainingSettings];
    if (JSON.stringify(has) !== JSON.stringify(value)) refuse(name, has, value);
  }
  if (saved.examples !== examples) refuse('examples', saved.examples, examples);
}

function text(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
