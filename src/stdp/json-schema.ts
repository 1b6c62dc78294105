import { toJsonSchema } from '@valibot/to-json-schema';
import { loopSchema } from './closed-loop/loop-schema.ts';
import { specSchema } from './spec-schema.ts';
import { anyAxis, sweepSpecSchema } from './sweep/sweep-schema.ts';
import { thresholdSchema } from './threshold/parse-threshold.ts';

// A pipeline's last schema is the one with the keys; the one before it only tells objects from arrays.
const options = { target: 'draft-2020-12', typeMode: 'output' } as const;

/**
 * JSON Schema (draft 2020-12) of experiment specs: every key optional with its default, range and meaning. Accepts
 * whatever `parseSpec` accepts, and a drive's `file`; relations between numbers (as `low` ≤ `high`) are beyond it.
 */
export function experimentSchema(): object {
  const { $schema, ...schema } = toJsonSchema(specSchema, options);
  return { $schema, ...schema };
}

/**
 * JSON Schema (draft 2020-12) of sweeps. Accepts whatever `parseSweep` accepts, and the `file` of a drive in `base`;
 * which paths there are, how many points, and what else relates the parts to each other is beyond it.
 */
export function sweepSchema(): object {
  // JSON has finite numbers only.
  const { $schema, ...schema } = toJsonSchema(sweepSpecSchema, {
    ...options,
    definitions: { axis: anyAxis },
    ignoreActions: ['finite'],
  });
  return { $schema, ...schema };
}

/** JSON Schema (draft 2020-12) of closed loops. Accepts whatever `parseLoopSpec` accepts, and table drives. */
export function closedLoopSchema(): object {
  // The gap between 0 and the least learning rate is beyond it.
  const { $schema, ...schema } = toJsonSchema(loopSchema, { ...options, ignoreActions: ['check'] });
  return { $schema, ...schema };
}

/** JSON Schema (draft 2020-12) of threshold crossings. Accepts whatever `parseThresholdSpec` accepts. */
export function thresholdCrossingSchema(): object {
  const { $schema, ...schema } = toJsonSchema(thresholdSchema, options);
  return { $schema, ...schema };
}
