import { arrowBytes } from './arrow.ts';
import { type Column, csvChunks } from './csv.ts';

/** Rows of a table in parts; every part has the same columns. */
export type TableParts = Iterable<readonly Column[]> | AsyncIterable<readonly Column[]>;

/** The rows of all parts under the header of the first. */
export async function* csvParts(parts: TableParts): AsyncIterable<string> {
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

/** An Arrow file of all parts. */
export async function arrowOfParts(parts: TableParts): Promise<Uint8Array> {
  return arrowBytes(joinColumns(await collected(parts)));
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
