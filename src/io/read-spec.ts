import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { EngineError } from '../errors.ts';
import { parseSpec } from '../stdp/parse-spec.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';
import { parseCsvNumbers } from './csv.ts';
import { parseJson } from './parse-json.ts';

/**
 * Reads an experiment's spec from a JSON file, and the CSV files that its table drives name (relative to the spec file).
 *
 * @returns the spec with defaults filled in, and `input`: what the file says, with `values` in place of each `file`,
 * so that `parseSpec` accepts it again after a change.
 * @throws EngineError `file` where a file cannot be read, `invalid-spec` where its content is not acceptable.
 */
export async function readSpec(path: string): Promise<{ spec: ExperimentSpec; input: unknown }> {
  const input = parseJson(await readText(path), path);
  const files = await readTables(input, path);
  try {
    return { spec: parseSpec(input), input };
  } catch (error) {
    throw withFileName(error, files);
  }
}

/** Puts the values of table files into the spec. Returns the files by the path of their values in the spec. */
async function readTables(input: unknown, specPath: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const neuron of ['pre', 'post']) {
    const drive = property(property(input, neuron), 'drive');
    const file = property(drive, 'file');
    // Anything else that is wrong with a drive is parseSpec's to say.
    if (!isRecord(drive) || drive.type !== 'table' || 'values' in drive) continue;
    if (typeof file !== 'string' || file === '') continue;
    const path = resolve(dirname(specPath), file);
    try {
      drive.values = parseCsvNumbers(await readText(path), path);
    } catch (error) {
      throw withPath(error, `${neuron}.drive.file`);
    }
    delete drive.file;
    files.set(`${neuron}.drive.values`, path);
  }
  return files;
}

/** An error about a table's file names the place in the spec that asks for it. */
function withPath(error: unknown, path: string): unknown {
  if (!(error instanceof EngineError)) return error;
  const { code, value, expected, message } = error;
  return new EngineError(code, `${path}: ${message}`, { path, value, ...(expected ? { expected } : {}), cause: error });
}

/** An error about values that came from a file names the file as well. */
function withFileName(error: unknown, files: ReadonlyMap<string, string>): unknown {
  if (!(error instanceof EngineError)) return error;
  const { code, path, value, expected } = error;
  for (const [valuesPath, file] of files) {
    if (path === undefined || expected === undefined || !path.startsWith(valuesPath)) continue;
    const message = `${error.message} (values[0] is row 1 of ${file})`;
    return new EngineError(code, message, { path, value, expected, cause: error });
  }
  return error;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = property(cause, 'code');
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'is a folder',
      EACCES: 'no permission to read it',
    };
    const reason = reasons[String(code)] ?? `cannot be read (${String(code)})`;
    const expected = 'a file that can be read';
    throw new EngineError('file', `${path}: ${reason}; expected ${expected}`, { path, expected, cause });
  }
}

function property(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
