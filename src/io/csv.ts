import { EngineError } from '../errors.ts';

/** One column of a table; all columns of a table have equally many values. */
export interface Column {
  readonly name: string;
  /** Finite numbers, integers of any size, texts; `null` is an empty cell. */
  readonly values: ArrayLike<number | bigint | null | string>;
}

/** Rows in one piece of {@link csvChunks}: a few hundred kilobytes, so that no piece is long to make or to hold. */
const CHUNK_ROWS = 4096;

/**
 * A table as CSV: a header row, `,` between cells, `.` decimals, a line feed after every row. Integers stay integers
 * and decimals have as many digits as give the same number when read again.
 *
 * @throws EngineError `file` where a value is NaN or infinite, or columns differ in length.
 */
export function csvText(columns: readonly Column[]): string {
  return [...csvChunks(columns)].join('');
}

/**
 * The text of {@link csvText} in pieces of at most 4096 rows, for tables too large for one string. A value that cannot
 * be written is noticed when its piece is due.
 */
export function* csvChunks(columns: readonly Column[]): Iterable<string> {
  const rows = rowCount(columns);
  yield `${columns.map((column) => quoted(column.name)).join(',')}\n`;
  for (let first = 0; first < rows; first += CHUNK_ROWS) {
    const end = Math.min(first + CHUNK_ROWS, rows);
    let text = '';
    for (let row = first; row < end; row++) {
      for (let c = 0; c < columns.length; c++) {
        if (c > 0) text += ',';
        text += cellText(columns[c]!, row);
      }
      text += '\n';
    }
    yield text;
  }
}

/** Number of rows of a table. @throws EngineError `file` where columns differ in length. */
export function rowCount(columns: readonly Column[]): number {
  const rows = columns[0]?.values.length ?? 0;
  for (const { name, values } of columns) {
    if (values.length === rows) continue;
    const expected = `${rows} values, as in column ${columns[0]?.name}`;
    const message = `column ${name}: ${values.length} values; expected ${expected}`;
    throw new EngineError('file', message, { path: name, value: values.length, expected });
  }
  return rows;
}

/** The error for a number that no table may hold. */
export function notFinite(name: string, row: number, value: number): EngineError {
  const expected = 'a finite number or an empty cell';
  const message = `column ${name}, row ${row + 1}: ${value} cannot be written; expected ${expected}`;
  return new EngineError('file', message, { path: name, value, expected });
}

function cellText({ name, values }: Column, row: number): string {
  const value = values[row];
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw notFinite(name, row, value);
    return String(value);
  }
  if (typeof value === 'string') return quoted(value);
  return value === null || value === undefined ? '' : String(value);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A decimal number as CSV programs write it; no hexadecimal, no `Infinity`, no thousands separators. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Reads rows of decimal numbers with `,` between them and no header row. Blank lines at the end, spaces around a
 * number and a byte-order mark are of no account; rows may differ in length.
 *
 * @param fileName named in errors.
 * @throws EngineError `invalid-spec` that names file, row and column (from 1) of the first cell that is no number.
 */
export function parseCsvNumbers(text: string, fileName: string): number[][] {
  return csvLines(text, fileName).map((line, row) => lineNumbers(line, fileName, row));
}

/**
 * The same where the first row may be a header: one in which no cell is a number, and none stands for a missing one
 * (`NaN`, `NA`, an empty cell).
 *
 * @returns the rows of numbers, and the place of the first of them in the file, from 1
 */
export function parseCsvTable(
  text: string,
  fileName: string,
): { readonly firstRow: number; readonly rows: number[][] } {
  const lines = csvLines(text, fileName);
  const isHeader = lines[0]!.split(',').every((cell) => !DECIMAL.test(cell.trim()) && !MISSING.test(cell.trim()));
  const first = isHeader ? 1 : 0;
  return {
    firstRow: first + 1,
    rows: lines.slice(first).map((line, index) => lineNumbers(line, fileName, first + index)),
  };
}

/** What programs write for a number that is not there. */
const MISSING = /^(?:[+-]?(?:nan|n\/?a|inf|infinity|null|none))?$/i;

function csvLines(text: string, fileName: string): string[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/);
  if (lines.length === 1 && lines[0] === '') {
    const expected = 'rows of numbers separated by commas';
    throw new EngineError('invalid-spec', `${fileName}: no rows; expected ${expected}`, { path: fileName, expected });
  }
  return lines;
}

function lineNumbers(line: string, fileName: string, row: number): number[] {
  return line.split(',').map((cell, column) => cellNumber(cell.trim(), fileName, row, column));
}

function cellNumber(cell: string, fileName: string, row: number, column: number): number {
  const value = DECIMAL.test(cell) ? Number(cell) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const isHeader = row === 0 && /[A-Za-z_]/.test(cell);
  const expected = isHeader ? 'a number (the file has no header row)' : 'a number';
  const path = `${fileName}, row ${row + 1}, column ${column + 1}`;
  const shown = JSON.stringify(cell.length <= 40 ? cell : `${cell.slice(0, 39)}…`);
  throw new EngineError('invalid-spec', `${path}: ${shown} is not allowed; expected ${expected}`, {
    path,
    value: cell,
    expected,
  });
}
