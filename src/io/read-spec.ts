import { parseSpec } from '../stdp/parse-spec.ts';
import type { ExperimentSpec } from '../stdp/spec.ts';
import { parseJson } from './parse-json.ts';
import { readText } from './read-text.ts';
import { readSpikes, readTables, withFileName } from './table-files.ts';

/**
 * Reads an experiment's spec from a JSON file, and the CSV or Arrow files that its table drives and its spikes name
 * (relative to the spec file).
 *
 * @returns the spec with defaults filled in, and `input`: what the file says, with what they hold in place of the
 * files, so that `parseSpec` accepts it again after a change.
 * @throws EngineError `file` where a file cannot be read, `invalid-spec` where its content is not acceptable.
 */
export async function readSpec(path: string): Promise<{ spec: ExperimentSpec; input: unknown }> {
  const input = parseJson(await readText(path), path);
  const files = await readTables(input, path);
  await readSpikes(input, path);
  try {
    return { spec: parseSpec(input), input };
  } catch (error) {
    throw withFileName(error, files);
  }
}
