import { type FileHandle, open } from 'node:fs/promises';
import { arrowBytes } from '../io/arrow.ts';
import { type Column, csvChunks } from '../io/csv.ts';

export type TableFormat = 'csv' | 'arrow';

/** A table file that is written in parts of rows; every part has the same columns. */
export interface TableWriter {
  write(part: readonly Column[]): Promise<void>;
  /** Closes the file, which is complete where `written`. Called once. */
  end(written: boolean): Promise<void>;
}

/** Writes one table, in parts of rows that come one after the other. */
export async function writeTable(path: string, parts: Iterable<readonly Column[]>, format: TableFormat): Promise<void> {
  const writer = await openTable(path, format);
  let written = false;
  try {
    for (const part of parts) await writer.write(part);
    written = true;
  } finally {
    await writer.end(written);
  }
}

/** Starts a table file. CSV is never held as a whole, whatever its size; Arrow is. */
export async function openTable(path: string, format: TableFormat): Promise<TableWriter> {
  const file = await open(path, 'w');
  return format === 'csv' ? csvWriter(file) : arrowWriter(file);
}

/** The rows of all parts under the header of the first. */
function csvWriter(file: FileHandle): TableWriter {
  let headerDone = false;
  return {
    async write(part) {
      let isHeader = true;
      for (const chunk of csvChunks(part)) {
        if (!isHeader || !headerDone) await file.writeFile(chunk);
        isHeader = false;
        headerDone = true;
      }
    },
    end: () => file.close(),
  };
}

function arrowWriter(file: FileHandle): TableWriter {
  const parts: (readonly Column[])[] = [];
  return {
    async write(part) {
      parts.push(part);
    },
    async end(written) {
      try {
        if (written) await file.writeFile(await arrowBytes(joinColumns(parts)));
      } finally {
        await file.close();
      }
    },
  };
}

function joinColumns(parts: readonly (readonly Column[])[]): Column[] {
  const [head] = parts;
  if (!head || parts.length === 1) return [...(head ?? [])];
  return head.map(({ name }, index) => ({ name, values: parts.flatMap((part) => Array.from(part[index]!.values)) }));
}
