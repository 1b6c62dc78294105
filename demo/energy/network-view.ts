import type { EarlyInference } from '../../src/energy/checks/early-inference.ts';

const WIDTH = 420;
const HEIGHT = 360;
const MARGIN = 34;
const RADIUS = 11;
const SVG = 'http://www.w3.org/2000/svg';

/** What the units of a network show: their states at some moment, and how strongly each is set off as moving. */
export interface Moment {
  /** Per layer, input to output; 0 … 1. */
  readonly states: readonly ArrayLike<number>[];
  /** Layers that move at this moment. */
  readonly moving: readonly number[];
}

/** A drawing of the units, input at the bottom and output at the top: the more active, the fuller. */
export class NetworkView {
  readonly #svg: SVGSVGElement;
  #units: SVGCircleElement[][] = [];

  constructor(place: HTMLElement) {
    this.#svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'network', role: 'img' });
    this.#svg.setAttribute('aria-label', 'The units of the network; their fill is how active they are');
    place.replaceChildren(this.#svg);
  }

  /** Draws the units of another network. */
  open({ states }: EarlyInference): void {
    const places = states.map((layer, l) => {
      const y = HEIGHT - MARGIN - (l / (states.length - 1)) * (HEIGHT - 2 * MARGIN);
      return Array.from(layer, (_, i) => ({ x: 86 + ((i + 0.5) / layer.length) * (WIDTH - 100), y }));
    });
    const lines = places
      .slice(1)
      .flatMap((layer, l) =>
        layer.flatMap((to) =>
          places[l]!.map((from) => element('line', { x1: from.x, y1: from.y, x2: to.x, y2: to.y })),
        ),
      );
    this.#units = places.map((layer) =>
      layer.map(({ x, y }) => element('circle', { cx: x, cy: y, r: RADIUS, 'stroke-width': 1 })),
    );
    const names = places.map((layer, l) => {
      const name = element('text', { x: 36, y: layer[0]!.y + 4 });
      // Counted from the output, as in the bars.
      const behind = places.length - 1 - l;
      name.textContent = l === 0 ? 'input' : behind === 0 ? 'output' : `hidden ${behind}`;
      return name;
    });
    this.#svg.replaceChildren(...lines, ...this.#units.flat(), ...names);
  }

  show({ states, moving }: Moment): void {
    this.#units.forEach((layer, l) => {
      layer.forEach((circle, i) => {
        circle.setAttribute('fill-opacity', String(Math.min(1, Math.max(0, states[l]![i]!))));
        circle.setAttribute('stroke-width', moving.includes(l) ? '3' : '1');
      });
    });
  }
}

function element<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
