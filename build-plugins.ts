import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Plugin } from 'vite';
import { pages, policy } from './demo/pages.ts';

/**
 * Leaves comments and spaces out of the WGSL of what is built: a third of a page's first download. Lines stay where
 * they are, so that compile errors name the line of the file.
 */
export function compactShaders(): Plugin {
  return {
    name: 'compact-shaders',
    enforce: 'pre',
    apply: 'build',
    async load(id) {
      if (!id.endsWith('.wgsl?raw')) return undefined;
      const text = await this.fs.readFile(id.replace('?raw', ''), { encoding: 'utf8' });
      return `export default ${JSON.stringify(compactWgsl(text))};`;
    },
  };
}

/** Leaves out the texts that only JSON Schemas have (src/spec/meaning.ts). */
export function leaveOutMeanings(): Plugin {
  return {
    name: 'leave-out-meanings',
    apply: 'build',
    transform(code, id) {
      return id.endsWith('-schema.ts') ? code.replaceAll(/\bmeaning`[^`]*`/g, "''") : undefined;
    },
  };
}

/** WGSL has no strings that could hold a `//`. */
export function compactWgsl(text: string): string {
  return text
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/^[ \t]+|[ \t]+$/gm, '')
    .replaceAll(/ *([,;:=(){}+<>*|^]) */g, '$1');
}

/** Puts into every page of the site what they share: the policy, the links to the others, and for `<!-- part: NAME -->` a file of `parts`. */
export function siteShell(folder: string): Plugin {
  return {
    name: 'site-shell',
    transformIndexHtml: {
      order: 'pre',
      handler(html, { filename }) {
        const links = pages
          .filter(({ file }) => existsSync(join(folder, file)))
          .map(({ file, name }) => {
            const here = basename(filename) === file ? ' aria-current="page"' : '';
            return `<a href="./${file}"${here}>${name}</a>`;
          });
        const withParts = (text: string): string =>
          text.replaceAll(/<!-- part: (\w+) -->/g, (_, name: string) =>
            withParts(readFileSync(join(folder, 'parts', `${name}.html`), 'utf8').trim()),
          );
        return withParts(html)
          .replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, '')
          .replace('<head>', `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`)
          .replace(
            /<nav class="pages"[\s\S]*?<\/nav>/,
            `<nav class="pages" aria-label="Pages">${links.join('')}</nav>`,
          );
      },
    },
  };
}
