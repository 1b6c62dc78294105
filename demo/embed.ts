import { attributesOf } from '../src/element/attributes.ts';
import type { ExperimentSpec } from '../src/index.ts';

/**
 * The lines that put a live figure into any page: the site's own copy of the elements, and the element with what is not
 * as by default.
 *
 * @param tag as in `stdp-curve`
 * @param more attributes beside the experiment's; empty texts are switches
 */
export function embedCode(
  tag: string,
  spec: ExperimentSpec,
  more: readonly (readonly [name: string, value: string])[] = [],
): string {
  const script = new URL('./embed/element.js', document.baseURI);
  const attributes = [...attributesOf(spec), ...more].map(([name, value]) =>
    value === '' ? ` ${name}` : ` ${name}="${value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`,
  );
  return `<script type="module" src="${script.href}"></script>\n<${tag}${attributes.join('')}></${tag}>\n`;
}
