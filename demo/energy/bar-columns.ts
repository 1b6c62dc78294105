import type { EarlyInference } from '../../src/energy/checks/early-inference.ts';
import type { Column } from '../../src/io/csv.ts';

/**
 * The numbers behind the bars, a row a unit: layers behind the output (0 is the output), unit from 0, Δh / ε^(k+1) and
 * −∂C/∂h.
 */
export function barColumns({ layers }: EarlyInference): Column[] {
  const rows = layers.flatMap(({ k, motion, descent }) =>
    Array.from(motion, (value, unit) => ({ k, unit, motion: value, descent: descent[unit]! })),
  );
  return (['k', 'unit', 'motion', 'descent'] as const).map((name) => ({ name, values: rows.map((row) => row[name]) }));
}
