import type { Table } from 'apache-arrow';
import { EngineError } from '../errors.ts';
import type { SpikeTable } from './recorded-spikes.ts';

/** How an Arrow IPC file, and an IPC stream, begin. */
const FILE_MAGIC = 'ARROW1';
const STREAM_MARK = 0xffffffff;

/** Whether bytes are an Arrow table rather than a text. */
export function isArrow(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  if (new TextDecoder('latin1').decode(bytes.subarray(0, FILE_MAGIC.length)) === FILE_MAGIC) return true;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === STREAM_MARK;
}

async function tableOf(bytes: Uint8Array, fileName: string): Promise<Table> {
  // Loaded on use: half a megabyte that only Arrow files need.
  const { tableFromIPC } = await import('apache-arrow');
  try {
    return tableFromIPC(bytes);
  } catch (cause) {
    const expected = 'an Arrow IPC file';
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError('invalid-spec', `${fileName}: ${reason}; expected ${expected}`, {
      path: fileName,
      expected,
      cause,
    });
  }
}

/**
 * Rows of numbers of an Arrow table: a column for each number, or one column of lists.
 *
 * @throws EngineError `invalid-spec` that names row and column (from 1) of the first cell that is no finite number
 */
export async function arrowNumbers(bytes: Uint8Array, fileName: string): Promise<number[][]> {
  const table = await tableOf(bytes, fileName);
  const columns = table.schema.fields.map((_, column) => table.getChildAt(column)!);
  const rowOf = (row: number): ArrayLike<unknown> => {
    const first: unknown = columns[0]?.get(row);
    if (columns.length === 1 && typeof first === 'object' && first !== null) {
      return Array.from(first as Iterable<unknown>);
    }
    return columns.map((column) => column.get(row) as unknown);
  };
  return Array.from({ length: table.numRows }, (_, row) =>
    Array.from(rowOf(row), (cell, column) => {
      const value = typeof cell === 'bigint' ? Number(cell) : cell;
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      const path = `${fileName}, row ${row + 1}, column ${column + 1}`;
      const message = `${path}: ${value === null ? 'empty' : `${String(value)} is not allowed`}; expected a number`;
      throw new EngineError('invalid-spec', message, { path, value, expected: 'a number' });
    }),
  );
}

/** The cells of an Arrow table of spikes. */
export async function arrowSpikeTable(bytes: Uint8Array, fileName: string): Promise<SpikeTable> {
  const table = await tableOf(bytes, fileName);
  const columns = table.schema.fields.map((_, column) => table.getChildAt(column)!);
  return {
    columns: table.schema.fields.map(({ name }) => name),
    rows: table.numRows,
    firstRow: 1,
    cell(row, column) {
      const cell: unknown = columns[column]!.get(row);
      return typeof cell === 'bigint' ? Number(cell) : cell;
    },
  };
}
