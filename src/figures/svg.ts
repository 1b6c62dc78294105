const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

/** Creates an SVG element with attributes and text. */
export function svgElement(
  document: Document,
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  text?: string,
): SVGElement {
  const element = document.createElementNS(SVG_NAMESPACE, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, `${value}`);
  if (text !== undefined) element.textContent = text;
  return element;
}

/**
 * A stand-alone SVG file of a figure: XML header, name space, `<title>` and `<desc>`; no reference to anything outside.
 *
 * The text is written here rather than by `XMLSerializer`, which Node does not have: the same figure gives the same
 * bytes in a browser and in Node.
 */
export function svgText(figure: SVGSVGElement): string {
  const title = `<title>${escapeText(figure.getAttribute('aria-label') ?? '')}</title>`;
  const children = `${title}${childrenText(figure)}`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="${SVG_NAMESPACE}"${attributesText(figure)}>${children}</svg>\n`;
}

const TEXT_NODE = 3;
const ELEMENT_NODE = 1;

function childrenText(parent: Element): string {
  return Array.from(parent.childNodes, (node) => {
    if (node.nodeType === TEXT_NODE) return escapeText(node.textContent ?? '');
    return node.nodeType === ELEMENT_NODE ? elementText(node as Element) : '';
  }).join('');
}

function elementText(element: Element): string {
  const children = childrenText(element);
  const open = `<${element.localName}${attributesText(element)}`;
  return children === '' ? `${open}/>` : `${open}>${children}</${element.localName}>`;
}

function attributesText(element: Element): string {
  return (
    Array.from(element.attributes)
      .filter(({ name }) => name !== 'xmlns')
      // The order in which a DOM lists them is its own affair.
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, value }) => ` ${name}="${escapeText(roundDecimals(value)).replaceAll('"', '&quot;')}"`)
      .join('')
  );
}

/** A hundredth of a pixel is all that can be seen, and a third of the file. */
function roundDecimals(attribute: string): string {
  return attribute.replaceAll(/-?\d+\.\d{3,}/g, (number) => `${Number(Number(number).toFixed(2))}`);
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
