import { tableFromIPC } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../src/errors.ts';
import { arrowBytes } from '../src/io/arrow.ts';
import { type Column, csvChunks, csvText, parseCsvNumbers } from '../src/io/csv.ts';

describe('csvText', () => {
  test('has a header row, comma separators, and empty cells for null', () => {
    const columns: Column[] = [
      { name: 'dt', values: Int32Array.of(-1, 0, 1) },
      { name: 'pairs', values: [9007199254740991, 0, 12345678901234567890n] },
      { name: 'dw_rate', values: [-0.5, null, 1e-9] },
      { name: 'note', values: ['plain', 'a,b', 'say "d"'] },
    ];
    expect(csvText(columns)).toBe(
      'dt,pairs,dw_rate,note\n-1,9007199254740991,-0.5,plain\n0,0,,"a,b"\n1,12345678901234567890,1e-9,"say ""d"""\n',
    );
  });

  test('numbers read back are the same numbers', () => {
    const values = Float64Array.of(0.1 + 0.2, Math.PI * 1e-300, Number.MAX_VALUE, -1 / 3, 2 ** 53);
    const body = csvText([{ name: 'x', values }]).replace('x\n', '');
    expect(Float64Array.from(parseCsvNumbers(body, 'x.csv').flat())).toEqual(values);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('never writes %s', async (bad) => {
    const columns = [{ name: 'dw', values: [0, bad] }];
    expect(() => csvText(columns)).toThrow(EngineError);
    expect(() => csvText(columns)).toThrow('column dw, row 2');
    await expect(arrowBytes(columns)).rejects.toThrow(EngineError);
  });

  test('columns of different lengths are refused', async () => {
    const columns = [
      { name: 'a', values: [1, 2] },
      { name: 'b', values: [1] },
    ];
    expect(() => csvText(columns)).toThrow('column b: 1 values; expected 2');
    await expect(arrowBytes(columns)).rejects.toThrow('column b: 1 values; expected 2');
  });

  test('pieces of at most 4096 rows make up the same text', () => {
    const columns = [{ name: 't', values: Uint32Array.from({ length: 10_000 }, (_, t) => t) }];
    const chunks = [...csvChunks(columns)];
    expect(chunks.join('')).toBe(csvText(columns));
    expect(chunks.length).toBeGreaterThan(2);
    for (const chunk of chunks) expect(chunk.split('\n').length - 1).toBeLessThanOrEqual(4096);
  });

  test('a table without rows is its header', () => {
    expect(csvText([{ name: 'a', values: [] }])).toBe('a\n');
  });
});

describe('parseCsvNumbers', () => {
  test('reads decimals; spaces, line ends of Windows and blank lines at the end are of no account', () => {
    expect(parseCsvNumbers('\uFEFF1, -2.5 ,+3e-1\r\n.5,4.,0\r\n\r\n \n', 'a.csv')).toEqual([
      [1, -2.5, 0.3],
      [0.5, 4, 0],
    ]);
  });

  test.each([
    ['s0,s1\n1,2\n', 'a.csv, row 1, column 1', 'no header row'],
    ['1,2\n3,x\n', 'a.csv, row 2, column 2', 'a number'],
    ['1,2\n\n3,4\n', 'a.csv, row 2, column 1', 'a number'],
    ['1,2,\n', 'a.csv, row 1, column 3', 'a number'],
    ['1;2\n', 'a.csv, row 1, column 1', 'a number'],
    ['1,0x10\n', 'a.csv, row 1, column 2', 'a number'],
    ['1\n2\nNaN\n', 'a.csv, row 3, column 1', 'a number'],
    ['1,Infinity\n', 'a.csv, row 1, column 2', 'a number'],
    ['1,1e999\n', 'a.csv, row 1, column 2', 'a number'],
    [' \n\n', 'a.csv', 'rows of numbers'],
  ])('%j is refused at %s', (text, path, allowed) => {
    const message = expect.stringContaining(allowed);
    const refusal = expect.objectContaining({ code: 'invalid-spec', path, message });
    expect(() => parseCsvNumbers(text, 'a.csv')).toThrow(refusal);
  });
});

describe('arrowBytes', () => {
  test('an Arrow file holds the same values, integers as integers', async () => {
    const bytes = await arrowBytes([
      { name: 'dt', values: Int32Array.of(-2, 0, 2) },
      { name: 'pairs', values: [2 ** 40, 1, 5n] },
      { name: 'total', values: [2n ** 60n + 1n, null, 3] },
      { name: 'dw', values: [0.1, null, -3] },
      { name: 'empty', values: [null, null, null] },
      { name: 'name', values: ['a', null, 'µ'] },
    ]);
    const table = tableFromIPC(bytes);
    const types = Object.fromEntries(table.schema.fields.map((field) => [field.name, String(field.type)]));
    expect(types).toEqual({
      dt: 'Int32',
      pairs: 'Float64',
      total: 'Int64',
      dw: 'Float64',
      empty: 'Float64',
      name: 'Utf8',
    });
    expect(table.toArray().map((row) => row.toJSON())).toEqual([
      { dt: -2, pairs: 2 ** 40, total: 2n ** 60n + 1n, dw: 0.1, empty: null, name: 'a' },
      { dt: 0, pairs: 1, total: null, dw: null, empty: null, name: null },
      { dt: 2, pairs: 5, total: 3n, dw: -3, empty: null, name: 'µ' },
    ]);
  });

  test('is the IPC file format, the same bytes every time', async () => {
    const columns = [{ name: 'a', values: [1, 2, 3] }];
    const bytes = await arrowBytes(columns);
    expect(new TextDecoder().decode(bytes.subarray(0, 6))).toBe('ARROW1');
    expect(new TextDecoder().decode(bytes.subarray(-6))).toBe('ARROW1');
    expect(await arrowBytes(columns)).toEqual(bytes);
  });
});
