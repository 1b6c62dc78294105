import * as Plot from '@observablehq/plot';
import type { FigureOptions } from './figure-options.ts';
import { svgElement } from './svg.ts';
import { type ColourRole, fontFamily, styleSheet } from './theme.ts';

/** One entry of a legend: a swatch as the mark looks in the plot, and its name. */
export interface LegendEntry {
  readonly role: ColourRole;
  readonly swatch: 'dots' | 'line' | 'dashes' | 'band' | 'ticks';
  readonly label: string;
}

/** One plot in a figure, with lines of text above it. */
export interface Panel {
  readonly legend: readonly LegendEntry[];
  /** A line of text under the legend. */
  readonly note?: string;
  readonly plot: Plot.PlotOptions & { readonly height: number };
}

/** Type sizes in pixels. */
export const fontSize = { title: 14, label: 13, tick: 12 } as const;

export const DEFAULT_WIDTH = 480;
const ROW_HEIGHT = 18;
const SIDE_MARGIN = 10;
const SWATCH_WIDTH = 22;
const SWATCH_GAP = 6;
const ENTRY_GAP = 16;

/** Stacks titles, legends and plots into one SVG that carries its own style sheet and accessible texts. */
export function frame(
  options: FigureOptions,
  content: { readonly label: string; readonly description: string; readonly panels: readonly Panel[] },
): SVGSVGElement {
  const document = options.document ?? globalThis.document;
  const width = options.width ?? DEFAULT_WIDTH;
  const theme = options.theme ?? 'auto';
  const parts: SVGElement[] = [];
  let top = 6;

  if (options.title !== undefined) {
    top += ROW_HEIGHT;
    const attributes = { x: SIDE_MARGIN, y: top - 4, 'font-size': fontSize.title, 'font-weight': 600 };
    parts.push(svgElement(document, 'text', attributes, options.title));
  }
  for (const panel of content.panels) {
    for (const row of legendRows(panel.legend, width - 2 * SIDE_MARGIN)) {
      top += ROW_HEIGHT;
      for (const { entry, left } of row) parts.push(legendEntry(document, entry, SIDE_MARGIN + left, top - 5));
    }
    for (const line of wrapped(panel.note ?? '', width - 2 * SIDE_MARGIN)) {
      top += ROW_HEIGHT;
      parts.push(svgElement(document, 'text', { x: SIDE_MARGIN, y: top - 5, 'font-size': fontSize.tick }, line));
    }
    parts.push(plotGroup(document, { ...panel.plot, width }, top));
    top += panel.plot.height;
  }

  const svg = svgElement(document, 'svg', {
    class: `stdp-figure stdp-figure-${theme}`,
    width,
    height: top,
    viewBox: `0 0 ${width} ${top}`,
    role: 'img',
    'aria-label': options.title ?? content.label,
    fill: 'currentColor',
    'font-family': fontFamily,
    'font-size': fontSize.label,
  }) as SVGSVGElement;
  svg.append(
    svgElement(document, 'desc', {}, content.description),
    ...(options.styles === 'adopted' ? [] : [svgElement(document, 'style', {}, styleSheet(theme))]),
    svgElement(document, 'rect', { class: 'background', width: '100%', height: '100%' }),
    ...parts,
  );
  return svg;
}

/** The marks of a plot in a group, without the style sheet that Plot adds for its own `<svg>`. */
function plotGroup(document: Document, options: Plot.PlotOptions, top: number): SVGElement {
  const plot = Plot.plot({ ...options, document });
  const group = svgElement(document, 'g', {
    transform: `translate(0,${top})`,
    'font-size': fontSize.tick,
    'text-anchor': 'middle',
  });
  group.append(...Array.from(plot.childNodes).filter((node) => (node as Element).localName !== 'style'));
  // An image has one name, that of the figure; parts of it may have none.
  for (const mark of Array.from(group.querySelectorAll('[aria-label]'))) mark.removeAttribute('aria-label');
  return group;
}

interface PlacedEntry {
  readonly entry: LegendEntry;
  readonly left: number;
}

function legendRows(entries: readonly LegendEntry[], width: number): PlacedEntry[][] {
  const rows: PlacedEntry[][] = [];
  let row: PlacedEntry[] = [];
  let left = 0;
  for (const entry of entries) {
    const entryWidth = SWATCH_WIDTH + SWATCH_GAP + estimatedTextWidth(entry.label);
    if (row.length === 0 || left + entryWidth > width) {
      row = [];
      rows.push(row);
      left = 0;
    }
    row.push({ entry, left });
    left += entryWidth + ENTRY_GAP;
  }
  return rows;
}

/** Lines of a text, broken behind commas where it is wider than `width`. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const piece of text.split(/(?<=,) /)) {
    const joined = lines.length > 0 ? `${lines.at(-1)} ${piece}` : piece;
    if (lines.length > 0 && estimatedTextWidth(joined) <= width) lines[lines.length - 1] = joined;
    else if (piece !== '') lines.push(piece);
  }
  return lines;
}

/** Text cannot be measured without a browser: 0.58 em a character is what common sans-serif fonts take, at most. */
function estimatedTextWidth(text: string): number {
  return text.length * fontSize.tick * 0.58;
}

/** @param y the base line of the label */
function legendEntry(document: Document, { role, swatch, label }: LegendEntry, x: number, y: number): SVGElement {
  const group = svgElement(document, 'g', { class: 'legend', transform: `translate(${x},${y})` });
  const textAttributes = { x: SWATCH_WIDTH + SWATCH_GAP, 'font-size': fontSize.tick };
  group.append(
    ...swatchShapes(swatch).map(([name, attributes]) => svgElement(document, name, { class: role, ...attributes })),
    svgElement(document, 'text', textAttributes, label),
  );
  return group;
}

type Shape = readonly [name: string, attributes: Readonly<Record<string, string | number>>];

function swatchShapes(swatch: LegendEntry['swatch']): Shape[] {
  const stroke = { stroke: 'currentColor', fill: 'none' };
  const line = `M0,-4H${SWATCH_WIDTH}`;
  switch (swatch) {
    case 'dots':
      return [4, 11, 18].map((cx) => ['circle', { cx, cy: -4, r: 2.5 }]);
    case 'line':
      return [['path', { d: line, 'stroke-width': 1.5, ...stroke }]];
    case 'dashes':
      return [['path', { d: line, 'stroke-width': 1.5, 'stroke-dasharray': '6,3', ...stroke }]];
    case 'band':
      return [['rect', { y: -9, width: SWATCH_WIDTH, height: 10, 'fill-opacity': 0.3 }]];
    case 'ticks':
      return [['path', { d: 'M4,-9v10M9,-9v10M18,-9v10', 'stroke-width': 1.5, ...stroke }]];
  }
}
