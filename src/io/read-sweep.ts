import { parseSweep } from '../stdp/sweep/parse-sweep.ts';
import type { SweepPlan } from '../stdp/sweep/sweep-spec.ts';
import { parseJson } from './parse-json.ts';
import { readText } from './read-text.ts';
import { property, readSpikes, readTables, withFileName } from './table-files.ts';

/**
 * Reads a sweep from a JSON file, and the CSV or Arrow files that the table drives and the spikes of its base name
 * (relative to the sweep file).
 *
 * @returns the checked sweep, and `input`: what the file says, with what they hold in place of the files, so that
 * `parseSweep` accepts it again after a change.
 * @throws EngineError `file` where a file cannot be read, `invalid-spec` where its content is not acceptable.
 */
export async function readSweep(path: string): Promise<{ plan: SweepPlan; input: unknown }> {
  const input = parseJson(await readText(path), path);
  const files = await readTables(property(input, 'base'), path, 'base.');
  await readSpikes(property(input, 'base'), path, 'base.');
  try {
    return { plan: parseSweep(input), input };
  } catch (error) {
    throw withFileName(error, files);
  }
}
