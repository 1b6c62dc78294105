import type { DataType, Vector } from 'apache-arrow';
import { optionalPackage } from '../optional-package.ts';
import { type Column, notFinite, rowCount } from './csv.ts';

type Arrow = typeof import('apache-arrow');

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/**
 * A table as an Arrow IPC file (which is what Feather version 2 is). Columns of integers are Int32 where all fit, else
 * Float64, or Int64 where a `bigint` is beyond 2⁵³; other numbers are Float64, texts Utf8, and `null` is null.
 *
 * @throws EngineError `file` where a value is NaN or infinite, or columns differ in length.
 */
export async function arrowBytes(columns: readonly Column[]): Promise<Uint8Array> {
  rowCount(columns);
  // Loaded on use: half a megabyte that only `--format arrow` needs.
  const arrow = await optionalPackage('apache-arrow', 'Arrow files need it', () => import('apache-arrow'));
  const vectors: Record<string, Vector> = {};
  for (const column of columns) vectors[column.name] = columnVector(arrow, column);
  return arrow.tableToIPC(new arrow.Table(vectors), 'file');
}

function columnVector(arrow: Arrow, column: Column): Vector {
  const values = Array.from(column.values);
  const type = columnType(arrow, column.name, values);
  if (type instanceof arrow.Utf8) return arrow.vectorFromArray(values, type);
  if (type instanceof arrow.Int64) {
    return arrow.vectorFromArray(
      values.map((value) => (value === null ? null : BigInt(value))),
      type,
    );
  }
  return arrow.vectorFromArray(
    values.map((value) => (value === null ? null : Number(value))),
    type,
  );
}

function columnType(arrow: Arrow, name: string, values: Column['values']): DataType {
  let fitsInt32 = true;
  let allIntegers = true;
  let beyondSafe = false;
  let anyNumber = false;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value === undefined) continue;
    if (typeof value === 'string') return new arrow.Utf8();
    if (typeof value === 'number' && !Number.isFinite(value)) throw notFinite(name, row, value);
    anyNumber = true;
    const isInteger = typeof value === 'bigint' || Number.isInteger(value);
    allIntegers &&= isInteger;
    fitsInt32 &&= isInteger && value >= INT32_MIN && value <= INT32_MAX;
    beyondSafe ||= typeof value === 'bigint' && !Number.isSafeInteger(Number(value));
  }
  if (fitsInt32 && anyNumber) return new arrow.Int32();
  return allIntegers && beyondSafe ? new arrow.Int64() : new arrow.Float64();
}
