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
  return elementCode(tag, [...attributesOf(spec), ...more]);
}

/** The same of any element of the site. @param attributes empty texts are switches */
export function elementCode(tag: string, attributes: readonly (readonly [name: string, value: string])[]): string {
  const script = new URL('./embed/element.js', document.baseURI);
  const written = attributes.map(([name, value]) => (value === '' ? ` ${name}` : ` ${name}="${escaped(value)}"`));
  return `<script type="module" src="${script.href}"></script>\n<${tag}${written.join('')}></${tag}>\n`;
}

/** The lines that put this page, as its address has it, into any other, for what is not an element of its own. */
export function frameCode(title: string): string {
  const { href } = location;
  return `<iframe src="${escaped(href)}" title="${escaped(title)}" width="100%" height="900" loading="lazy"></iframe>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}
