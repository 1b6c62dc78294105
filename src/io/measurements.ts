import { EngineError } from '../errors.ts';
import { FEWEST_MEASUREMENTS, type Measurement } from '../stdp/sweep/measurement.ts';
import { parseCsvTable } from './csv.ts';

/**
 * Reads measured weight changes from CSV: one row each, with the spike-timing difference (post minus pre,
 * milliseconds), the weight change (any unit) and, in all rows or in none, its standard error (same unit, > 0). The
 * first row may be a header.
 *
 * @param fileName named in errors
 * @throws EngineError `invalid-spec` that names file, row and column (from 1) of what is not acceptable
 * @example
 * readMeasurements('dt_ms,dw_percent\n-20,-15\n-5,-28\n5,60\n20,35\n', 'bi-poo.csv')
 */
export function readMeasurements(text: string, fileName: string): Measurement[] {
  const { firstRow, rows } = parseCsvTable(text, fileName);
  if (rows.length < FEWEST_MEASUREMENTS) {
    const expected = `at least ${FEWEST_MEASUREMENTS} rows of measurements`;
    const message = `${fileName}: ${rows.length} rows of numbers; expected ${expected}`;
    throw new EngineError('invalid-spec', message, { path: fileName, value: rows.length, expected });
  }
  const columns = rows[0]!.length;
  return rows.map((cells, index): Measurement => {
    const path = `${fileName}, row ${firstRow + index}`;
    const isAccepted = cells.length === columns && (columns === 2 || columns === 3);
    if (!isAccepted) {
      const form = 'spike-timing difference, weight change and, in all rows or none, its standard error';
      const expected = index === 0 ? `2 or 3 (${form})` : `${columns}, as in the first row`;
      const message = `${path}: ${cells.length} columns are not allowed; expected ${expected}`;
      throw new EngineError('invalid-spec', message, { path, value: cells.length, expected });
    }
    const [dt, dw, se] = cells as [number, number, number | undefined];
    if (se !== undefined && !(se > 0)) {
      const expected = 'a standard error > 0';
      const message = `${path}, column 3: ${se} is not allowed; expected ${expected}`;
      throw new EngineError('invalid-spec', message, { path: `${path}, column 3`, value: se, expected });
    }
    return { dt, dw, se: se ?? null };
  });
}
