import { element } from './elements.ts';
import { copyText, saveBlob } from './save.ts';

/** A file that the reader saves. */
export interface KeptFile {
  readonly name: string;
  readonly content: string;
}

/** What a page gives its reader to take along; `undefined` for what there is nothing of yet. */
export interface Kept {
  /** Lines of HTML that put it into another page. */
  embed(): string;
  /** JSON that makes it again elsewhere. */
  spec(): string;
  /** The figure as SVG. */
  figure(): KeptFile | undefined;
  /** The numbers behind it as CSV. */
  numbers(): KeptFile | undefined;
  /** Brings the address up to date before it is copied. */
  settleAddress?(): void;
}

const button = (id: string) => element(id, HTMLButtonElement);

/** The buttons of `parts/buttons.html` do what they say. */
export function offerToKeep(kept: Kept): void {
  button('copy-link').addEventListener('click', () => {
    kept.settleAddress?.();
    void copy('Link', location.href);
  });
  button('copy-embed').addEventListener('click', () => void copy('Embed code', kept.embed()));
  button('copy-spec').addEventListener('click', () => void copy('Spec', kept.spec()));
  button('download-svg').addEventListener('click', () => save(kept.figure(), 'image/svg+xml'));
  button('download-csv').addEventListener('click', () => save(kept.numbers(), 'text/csv'));
}

/** Whether there is something to save. */
export function allowDownloads(allowed: boolean): void {
  for (const id of ['download-svg', 'download-csv']) button(id).disabled = !allowed;
}

/** Puts a text on the clipboard and says so; shows it where the browser does not let the page. */
export async function copy(what: string, content: string): Promise<void> {
  const copied = await copyText(content);
  element('kept', HTMLElement).textContent = copied
    ? `${what} copied.`
    : `The browser did not let the page copy. ${what}: ${content}`;
}

/** A spec as the command line reads it, with every default written out. */
export function specJson(spec: object): string {
  return `${JSON.stringify(spec, null, 2)}\n`;
}

function save(file: KeptFile | undefined, type: string): void {
  if (file) saveBlob(new Blob([file.content], { type }), file.name);
}
