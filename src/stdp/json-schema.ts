import { toJsonSchema } from '@valibot/to-json-schema';
import { specSchema } from './spec-schema.ts';

/**
 * JSON Schema (draft 2020-12) of experiment specs: every key optional with its default, range and meaning. Accepts
 * whatever `parseSpec` accepts, and a drive's `file`; relations between numbers (as `low` ≤ `high`) are beyond it.
 */
export function experimentSchema(): object {
  // A pipeline's last schema is the one with the keys; the one before it only tells objects from arrays.
  const { $schema, ...schema } = toJsonSchema(specSchema, { target: 'draft-2020-12', typeMode: 'output' });
  return { $schema, ...schema };
}
