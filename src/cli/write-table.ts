import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { arrowOfParts, csvParts, type TableParts } from '../io/table-parts.ts';

export type TableFormat = 'csv' | 'arrow';

/** Writes a table that comes in parts of rows, one after the other. CSV is never held as a whole. */
export async function writeTable(path: string, parts: TableParts, format: TableFormat): Promise<void> {
  if (format === 'csv') {
    await pipeline(Readable.from(csvParts(parts)), createWriteStream(path));
  } else {
    await writeFile(path, await arrowOfParts(parts));
  }
}
