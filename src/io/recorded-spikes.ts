import { EngineError } from '../errors.ts';
import type { RecordedSpikes } from '../stdp/spec.ts';

/** Columns of a table of spikes, in any order. */
const COLUMNS = ['sequence', 'trial', 'neuron', 't'] as const;
type ColumnName = (typeof COLUMNS)[number];

/** Sizes of the experiment that the spikes are for. */
export interface RecordingSizes {
  readonly sequences: number;
  readonly trials: number;
  readonly steps: number;
}

/** Cells of a table of spikes: a number, or a text. */
export interface SpikeTable {
  readonly columns: readonly string[];
  readonly rows: number;
  /** Place of the first row in its file, from 1. */
  readonly firstRow: number;
  cell(row: number, column: number): unknown;
}

/** The cells of a CSV text with a header row. */
export function csvSpikeTable(text: string): SpikeTable {
  const lines = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/);
  const cellsOf = (line: string) => line.split(',').map((cell) => cell.trim());
  let row = -1;
  let cells: string[] = [];
  return {
    columns: cellsOf(lines[0]!),
    rows: lines.length - 1,
    firstRow: 2,
    cell(wanted, column) {
      if (wanted !== row) {
        row = wanted;
        cells = cellsOf(lines[row + 1]!);
      }
      const cell = cells[column];
      return cell !== undefined && /^\d+$/.test(cell) ? Number(cell) : cell;
    },
  };
}

/**
 * The spikes of a table with a row for each: `sequence`, `trial` and `t` counted from 0, `neuron` `pre` or `post`, in any
 * order of rows and columns.
 *
 * @param fileName named in errors
 * @throws EngineError `invalid-spec` with row and column for a cell out of range, and for a row that is there twice
 */
export function spikesOfTable(table: SpikeTable, fileName: string, sizes: RecordingSizes): RecordedSpikes {
  const { sequences, trials, steps } = sizes;
  const place = placesOf(table, fileName);
  const trains = () => Array.from({ length: sequences }, () => Array.from({ length: trials }, (): number[] => []));
  const spikes = { pre: trains(), post: trains() };
  const wordsOfTrain = Math.ceil(steps / 32);
  const seen = new Uint32Array(sequences * trials * 2 * wordsOfTrain);
  const refuse = (row: number, column: ColumnName | undefined, value: unknown, expected: string) => {
    const path = `${fileName}, row ${table.firstRow + row}${column ? `, column ${column}` : ''}`;
    const shown = value === undefined ? 'missing' : `${JSON.stringify(value)} is not allowed`;
    return new EngineError('invalid-spec', `${path}: ${shown}; expected ${expected}`, { path, value, expected });
  };
  for (let row = 0; row < table.rows; row++) {
    const index = (name: 'sequence' | 'trial' | 't', size: number, meaning: string) => {
      const value = table.cell(row, place[name]);
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < size) return value;
      throw refuse(row, name, value, `an integer from 0 to ${size - 1} (${meaning} ${size})`);
    };
    const sequence = index('sequence', sequences, 'sequences =');
    const trial = index('trial', trials, 'trials =');
    const t = index('t', steps, 'steps =');
    const neuron = table.cell(row, place.neuron);
    if (neuron !== 'pre' && neuron !== 'post') throw refuse(row, 'neuron', neuron, '"pre" or "post"');
    const word = ((sequence * trials + trial) * 2 + Number(neuron === 'post')) * wordsOfTrain + (t >>> 5);
    const bit = 1 << (t & 31);
    if ((seen[word]! & bit) !== 0) {
      throw refuse(row, undefined, [sequence, trial, neuron, t], 'each spike only once: an earlier row is the same');
    }
    seen[word]! |= bit;
    spikes[neuron][sequence]![trial]!.push(t);
  }
  for (const times of [...spikes.pre.flat(), ...spikes.post.flat()]) times.sort((a, b) => a - b);
  return spikes;
}

function placesOf({ columns }: SpikeTable, fileName: string): Readonly<Record<ColumnName, number>> {
  const expected = `a header row with the columns ${COLUMNS.join(', ')}`;
  const refuse = (problem: string) =>
    new EngineError('invalid-spec', `${fileName}, row 1: ${problem}; expected ${expected}`, {
      path: `${fileName}, row 1`,
      value: columns.join(','),
      expected,
    });
  const missing = COLUMNS.find((name) => !columns.includes(name));
  if (missing !== undefined) throw refuse(`no column ${missing}`);
  const unknown = columns.find((name) => !(COLUMNS as readonly string[]).includes(name));
  if (unknown !== undefined) throw refuse(`unknown column ${JSON.stringify(unknown)}`);
  if (columns.length > COLUMNS.length) throw refuse('a column twice');
  const place = (name: ColumnName) => columns.indexOf(name);
  return { sequence: place('sequence'), trial: place('trial'), neuron: place('neuron'), t: place('t') };
}
