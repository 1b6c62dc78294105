import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { arrowBytes } from '../io/arrow.ts';
import { type Column, csvChunks } from '../io/csv.ts';

export type TableFormat = 'csv' | 'arrow';

/** Rows of a table in parts; every part has the same columns. */
export type TableParts = Iterable<readonly Column[]> | AsyncIterable<readonly Column[]>;

/** Writes a table that comes in parts of rows, one after the other. CSV is never held as a whole. */
export async function writeTable(path: string, parts: TableParts, format: TableFormat): Promise<void> {
  if (format === 'csv') {
    await pipeline(Readable.from(csvParts(parts)), createWriteStream(path));
  } else {
    await writeFile(path, await arrowBytes(joinColumns(await collected(parts))));
  }
}

/** The rows of all parts under the header of the first. */
async function* csvParts(parts: TableParts): AsyncIterable<string> {
  let headerDone = false;
  for await (const columns of parts) {
    let isHeader = true;
    for (const chunk of csvChunks(columns)) {
      if (!isHeader || !headerDone) yield chunk;
      isHeader = false;
      headerDone = true;
    }
  }
}

async function collected(parts: TableParts): Promise<(readonly Column[])[]> {
  const all: (readonly Column[])[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

function joinColumns(parts: readonly (readonly Column[])[]): Column[] {
  const [head] = parts;
  if (!head || parts.length === 1) return [...(head ?? [])];
  return head.map(({ name }, index) => ({ name, values: parts.flatMap((part) => Array.from(part[index]!.values)) }));
}
