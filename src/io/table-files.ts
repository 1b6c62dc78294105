import { dirname, resolve } from 'node:path';
import { EngineError } from '../errors.ts';
import { LARGEST_STEPS } from '../stdp/neuron-schema.ts';
import { checkRecordingSize } from '../stdp/parse-spikes.ts';
import { parseCsvNumbers } from './csv.ts';
import { arrowNumbers, arrowSpikeTable, isArrow } from './read-arrow.ts';
import { readBytes } from './read-text.ts';
import { csvSpikeTable, type RecordingSizes, spikesOfTable } from './recorded-spikes.ts';

/** Table files that were read, by the path of their values in the input. */
export type TableFiles = ReadonlyMap<string, string>;

/**
 * Puts the values of table files into an experiment's spec, as it was read from JSON.
 *
 * @param jsonPath the file that the spec was read from; the tables' names are relative to it.
 * @param prefix of paths in errors: `base.` where the spec is a sweep's base.
 * @throws EngineError `file` or `invalid-spec` where a table cannot be read, with the path of its name in the spec.
 */
export async function readTables(spec: unknown, jsonPath: string, prefix = ''): Promise<TableFiles> {
  const files = new Map<string, string>();
  for (const neuron of ['pre', 'post']) {
    const drive = property(property(spec, neuron), 'drive');
    const file = property(drive, 'file');
    // Anything else that is wrong with a drive is the parser's to say.
    if (!isRecord(drive) || drive.type !== 'table' || 'values' in drive) continue;
    if (typeof file !== 'string' || file === '') continue;
    const path = resolve(dirname(jsonPath), file);
    try {
      const bytes = await readBytes(path);
      drive.values = isArrow(bytes) ? await arrowNumbers(bytes, path) : parseCsvNumbers(textOf(bytes), path);
    } catch (error) {
      throw withPath(error, `${prefix}${neuron}.drive.file`);
    }
    delete drive.file;
    files.set(`${prefix}${neuron}.drive.values`, path);
  }
  return files;
}

/**
 * Puts recorded spikes into an experiment's spec in place of the file that it names; as {@link readTables}.
 *
 * @throws EngineError `file` or `invalid-spec` where the file cannot be read
 */
export async function readSpikes(spec: unknown, jsonPath: string, prefix = ''): Promise<void> {
  const file = property(spec, 'spikes');
  if (!isRecord(spec) || typeof file !== 'string' || file === '') return;
  const sizes = sizesOf(spec);
  // What is wrong with the sizes is the parser's to say.
  if (!sizes) return;
  checkRecordingSize(sizes, prefix);
  const path = resolve(dirname(jsonPath), file);
  try {
    const bytes = await readBytes(path);
    const table = isArrow(bytes) ? await arrowSpikeTable(bytes, path) : csvSpikeTable(textOf(bytes));
    spec.spikes = spikesOfTable(table, path, sizes);
  } catch (error) {
    throw withPath(error, `${prefix}spikes`);
  }
}

function sizesOf(spec: Record<string, unknown>): RecordingSizes | undefined {
  const { sequences, trials, steps } = spec;
  const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;
  if (!isSize(sequences) || !isSize(trials) || !isSize(steps) || steps > LARGEST_STEPS) return undefined;
  return { sequences, trials, steps };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** An error about values that came from a file names the file as well. */
export function withFileName(error: unknown, files: TableFiles): unknown {
  if (!(error instanceof EngineError)) return error;
  const { code, path, value, expected } = error;
  for (const [valuesPath, file] of files) {
    if (path === undefined || expected === undefined || !path.startsWith(valuesPath)) continue;
    const message = `${error.message} (values[0] is row 1 of ${file})`;
    return new EngineError(code, message, { path, value, expected, cause: error });
  }
  return error;
}

/** A property of a value that may be anything. */
export function property(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** An error about a table's file names the place in the spec that asks for it. */
function withPath(error: unknown, path: string): unknown {
  if (!(error instanceof EngineError)) return error;
  const { code, value, expected, message } = error;
  return new EngineError(code, `${path}: ${message}`, { path, value, ...(expected ? { expected } : {}), cause: error });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
