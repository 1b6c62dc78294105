import { EngineError } from '../../errors.ts';
import type { ModelEngine } from '../../generative/engine.ts';
import type { LabelledImages } from '../../io/mnist.ts';
import type { CommonOptions } from '../options.ts';
import type { Reporter } from '../session.ts';
import { openPlace } from './place.ts';
import { type AskedModel, readAsked } from './training-file.ts';

/** A trained model that is ready to be asked. */
export interface OpenModel extends AskedModel {
  readonly engine: ModelEngine;
  /** @throws EngineError `file` where images have other sizes than those of the model. */
  requireImages(images: LabelledImages, folder: string): void;
  close(): Promise<void>;
}

/** Reads a model and opens where it is computed. @throws EngineError `file`, and those of the runtime. */
export async function openModel(
  path: string,
  options: Pick<CommonOptions, 'runtime'>,
  reporter: Reporter,
): Promise<OpenModel> {
  const asked = await readAsked(path);
  const { model, parameters, imageShape } = asked.portable;
  const [rows, columns] = imageShape;
  const place = await openPlace(options, reporter);
  try {
    const engine = await place.openEngine(model, parameters);
    return {
      ...asked,
      engine,
      requireImages(images, folder) {
        if (images.rows === rows && images.columns === columns) return;
        const expected = `${rows} × ${columns}, as the images that ${path} was trained on`;
        const message = `${folder}: its images have ${images.rows} × ${images.columns} pixels; expected ${expected}`;
        throw new EngineError('file', message, { path: folder, expected });
      },
      async close() {
        engine.destroy();
        await place.close();
      },
    };
  } catch (error) {
    await place.close();
    throw error;
  }
}
