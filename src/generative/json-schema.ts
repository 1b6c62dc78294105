import { toJsonSchema } from '@valibot/to-json-schema';
import { defaultSetting } from './spec.ts';
import { generativeSchema } from './spec-schema.ts';

/**
 * JSON Schema (draft 2020-12) of trainings of the generative model, with the numbers of the default setting as
 * defaults; another `setting` has its own. Accepts whatever `parseGenerativeSpec` accepts.
 */
export function generativeTrainingSchema(): object {
  // A pipeline's last schema is the one with the keys; the one before it only tells objects from arrays.
  const { $schema, ...schema } = toJsonSchema(generativeSchema(defaultSetting), {
    target: 'draft-2020-12',
    typeMode: 'output',
  });
  return { $schema, ...schema };
}
