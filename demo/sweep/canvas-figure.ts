import { make } from '../elements.ts';

/** Colours of the page's style sheet for what is drawn on a canvas. */
export interface FigureColours {
  readonly text: string;
  readonly soft: string;
  readonly line: string;
  readonly card: string;
  readonly page: string;
  readonly accent: string;
  readonly track: string;
  readonly dark: boolean;
}

/** Drawings are at least this far apart while points come in. */
const DRAWING_MS = 80;

export const fontOf = (pixels: number, weight = 400) => `${weight} ${pixels}px system-ui, -apple-system, sans-serif`;

/** What a reader does with the cells of a figure. */
export interface CellEvents {
  /** The cell under the pointer; `undefined` where there is none. */
  onHover(cell: number | undefined): void;
  /** The cell that was chosen with the keyboard or a finger. */
  onSelect(cell: number): void;
  /** The cell that was clicked, or chosen with Enter. */
  onOpen(cell: number): void;
}

/**
 * A figure on a canvas that is drawn at most once a frame, and less often while points come in. It takes the keyboard:
 * arrow keys choose a cell and Enter opens it.
 */
export abstract class CanvasFigure {
  readonly canvas: HTMLCanvasElement;
  protected readonly place: HTMLElement;
  readonly #events: CellEvents;
  #selected: number | undefined;
  #width = 0;
  #height = 0;
  #requested = false;
  #lastDrawing = 0;
  #colours: FigureColours | undefined;

  /** @param role what assistive technology calls the figure */
  constructor(place: HTMLElement, role: string, events: CellEvents) {
    this.place = place;
    this.#events = events;
    this.canvas = make('canvas', { tabindex: '0', role: 'application', 'aria-roledescription': role });
    place.append(this.canvas);
    new ResizeObserver(() => this.#resize()).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#colours = undefined;
      this.themeChanged();
      this.redraw();
    });
    this.#listen();
  }

  get width(): number {
    return this.#width;
  }

  get height(): number {
    return this.#height;
  }

  get colours(): FigureColours {
    this.#colours ??= coloursOf(this.canvas);
    return this.#colours;
  }

  get selected(): number | undefined {
    return this.#selected;
  }

  /** Marks a cell, or none. */
  select(cell: number | undefined): void {
    if (cell === this.#selected) return;
    this.#selected = cell;
    this.redraw(0);
  }

  /** @param after milliseconds between two drawings, at least */
  redraw(after = DRAWING_MS): void {
    if (this.#requested) return;
    this.#requested = true;
    const draw = () =>
      requestAnimationFrame(() => {
        this.#requested = false;
        this.#lastDrawing = performance.now();
        if (this.#width > 0) this.#draw();
      });
    const wait = this.#lastDrawing + after - performance.now();
    if (wait > 0) setTimeout(draw, wait);
    else draw();
  }

  /** The place or the shape of the figure changed. */
  protected resized(): void {
    this.#resize();
  }

  /** Height in CSS pixels at a width. */
  protected abstract heightAt(width: number): number;
  protected abstract draw(context: CanvasRenderingContext2D, width: number, height: number): void;
  /** The cell at a place in CSS pixels. */
  protected abstract cellAt(x: number, y: number): number | undefined;
  /** The cell that lies so many steps to the right and up of one. */
  protected abstract neighbour(cell: number, right: number, up: number): number | undefined;
  protected abstract get firstCell(): number | undefined;
  protected themeChanged(): void {}

  #resize(): void {
    const width = Math.floor(this.place.clientWidth);
    if (width === 0) return;
    const height = this.heightAt(width);
    const scale = devicePixelRatio || 1;
    this.#width = width;
    this.#height = height;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    // An emptied canvas must not be seen.
    this.#draw();
  }

  #draw(): void {
    const context = this.canvas.getContext('2d');
    if (!context) return;
    const scale = this.canvas.width / this.#width;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.#width, this.#height);
    this.draw(context, this.#width, this.#height);
  }

  #listen(): void {
    const { canvas } = this;
    let finger = false;
    canvas.addEventListener('pointermove', (event) => {
      const cell = this.cellAt(event.offsetX, event.offsetY);
      canvas.style.cursor = cell === undefined ? 'default' : 'pointer';
      if (event.pointerType === 'mouse') this.#events.onHover(cell);
    });
    canvas.addEventListener('pointerleave', () => this.#events.onHover(undefined));
    canvas.addEventListener('pointerdown', (event) => {
      finger = event.pointerType !== 'mouse';
    });
    canvas.addEventListener('click', (event) => {
      const cell = this.cellAt(event.offsetX, event.offsetY);
      if (cell === undefined) return;
      // A finger covers several cells: it chooses one, and a button opens it.
      if (finger && cell !== this.#selected) this.#events.onSelect(cell);
      else this.#events.onOpen(cell);
    });
    canvas.addEventListener('keydown', (event) => this.#key(event));
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const isEnter = event.key === 'Enter' || event.key === ' ';
    if ((!step && !isEnter) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (isEnter) {
      if (this.#selected !== undefined) this.#events.onOpen(this.#selected);
      return;
    }
    const far = event.shiftKey ? 10 : 1;
    const from = this.#selected;
    const to = from === undefined ? this.firstCell : this.neighbour(from, step![0]! * far, step![1]! * far);
    if (to !== undefined) this.#events.onSelect(to);
  }
}

function coloursOf(element: HTMLElement): FigureColours {
  const style = getComputedStyle(element);
  const named = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: named('text'),
    soft: named('soft'),
    line: named('line'),
    card: named('card'),
    page: named('page'),
    accent: named('accent'),
    track: named('track'),
    dark: matchMedia('(prefers-color-scheme: dark)').matches,
  };
}
