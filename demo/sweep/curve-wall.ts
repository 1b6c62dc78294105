import { numberText } from '../../src/figures/number-text.ts';
import { make } from '../elements.ts';
import { CanvasFigure, type CellEvents, fontOf } from './canvas-figure.ts';
import { CELL, type CellValues } from './cell-values.ts';
import type { ColourScale } from './colour-scale.ts';
import type { MapLayout } from './map-layout.ts';
import type { WatchedCurve } from './messages.ts';

/** Sizes in CSS pixels. */
const LEAST = { width: 104, height: 72 } as const;
const TALLEST = 150;
const LARGEST_HEIGHT = 470;
const LABELS = { left: 58, top: 24 } as const;
/** Room for a tile's own label, where rows and columns have none. */
const CAPTION = 18;
/** Some dozens of curves take longer to draw than a map. */
const DRAWING_MS = 250;
/** Curves that are kept beside those in sight. */
const KEPT = 600;

/** Where the tiles are, in an area that is mostly out of sight. */
interface Tiling {
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
  /** Labels stand at the left and at the top, and not in the tiles. */
  readonly labelled: boolean;
}

/**
 * The curves of all points of a slice, in small, of which only those in sight are drawn and asked for: thousands of them
 * take no more than some dozens do.
 */
export class CurveWall extends CanvasFigure {
  /** Every curve to its own height rather than all to the same. */
  ownScales = false;
  readonly #space: HTMLElement;
  readonly #onWatch: (points: Uint32Array) => void;
  readonly #curves = new Map<number, WatchedCurve>();
  #cells: CellValues | undefined;
  #colour: ColourScale | undefined;
  #tiling: Tiling | undefined;
  #peak = 0;
  #inSight: ReadonlySet<number> = new Set();
  #watched = '';

  constructor(place: HTMLElement, role: string, events: CellEvents, onWatch: (points: Uint32Array) => void) {
    super(place, role, events);
    this.#onWatch = onWatch;
    this.#space = make('div', { class: 'wall-space' });
    this.#space.append(this.canvas);
    place.append(this.#space);
    place.addEventListener('scroll', () => this.redraw(0), { passive: true });
  }

  show(cells: CellValues, colour: ColourScale | undefined): void {
    const moved = cells.layout !== this.#cells?.layout;
    this.#cells = cells;
    this.#colour = colour;
    if (moved) this.#watched = '';
    this.resized();
  }

  /**
   * Draws again where what is in sight has changed.
   *
   * @param changed cells with other values
   * @param peak height of the scale that all curves share
   */
  update(changed: readonly number[], colour: ColourScale | undefined, peak: number): void {
    const inSight = changed.some((cell) => this.#inSight.has(cell));
    if (!inSight && colour === this.#colour && peak === this.#peak) return;
    this.#colour = colour;
    this.#peak = peak;
    this.redraw(DRAWING_MS);
  }

  add(curves: readonly WatchedCurve[]): void {
    for (const curve of curves) this.#curves.set(curve.point, curve);
    this.redraw(DRAWING_MS);
  }

  /** Forgets all curves, of another sweep. */
  clear(): void {
    this.#curves.clear();
    this.#watched = '';
  }

  /** Scrolls a cell into sight. */
  reveal(cell: number): void {
    const tiling = this.#tiling;
    if (!tiling || !this.#cells) return;
    const [left, top] = this.#cornerOf(cell, tiling, this.#cells.layout);
    const [padLeft, padTop] = paddingOf(tiling);
    const { place } = this;
    if (left - padLeft < place.scrollLeft) place.scrollLeft = left - padLeft;
    else if (left + tiling.width > place.scrollLeft + this.width) place.scrollLeft = left + tiling.width - this.width;
    if (top - padTop < place.scrollTop) place.scrollTop = top - padTop;
    else if (top + tiling.height > place.scrollTop + this.height) place.scrollTop = top + tiling.height - this.height;
  }

  protected heightAt(width: number): number {
    if (!this.#cells) return LARGEST_HEIGHT;
    const tiling = tilingOf(this.#cells.layout, width);
    const [padLeft, padTop] = paddingOf(tiling);
    this.#tiling = tiling;
    const whole = padTop + tiling.rows * tiling.height;
    this.#space.style.width = `${padLeft + tiling.columns * tiling.width}px`;
    this.#space.style.height = `${whole}px`;
    return Math.min(LARGEST_HEIGHT, Math.ceil(whole));
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const tiling = this.#tiling;
    const cells = this.#cells;
    if (!tiling || !cells) return;
    const { layout } = cells;
    const { scrollLeft, scrollTop } = this.place;
    const [padLeft, padTop] = paddingOf(tiling);
    const first = { column: Math.floor(scrollLeft / tiling.width), row: Math.floor(scrollTop / tiling.height) };
    const end = {
      column: Math.min(tiling.columns, Math.ceil((scrollLeft + width - padLeft) / tiling.width)),
      row: Math.min(tiling.rows, Math.ceil((scrollTop + height - padTop) / tiling.height)),
    };
    const cellsInSight: number[] = [];
    context.save();
    context.beginPath();
    context.rect(padLeft, padTop, width, height);
    context.clip();
    for (let row = first.row; row < end.row; row++) {
      for (let column = first.column; column < end.column; column++) {
        const cell = cellIn(row, column, tiling, layout);
        if (cell === undefined) continue;
        cellsInSight.push(cell);
        const x = padLeft + column * tiling.width - scrollLeft;
        const y = padTop + row * tiling.height - scrollTop;
        this.#drawTile(context, cell, x, y, tiling);
      }
    }
    context.restore();
    if (tiling.labelled) this.#drawLabels(context, first, end, tiling);
    this.#inSight = new Set(cellsInSight);
    this.#watch(cellsInSight.map((cell) => layout.pointAt(cell)));
  }

  protected cellAt(x: number, y: number): number | undefined {
    const tiling = this.#tiling;
    if (!tiling || !this.#cells) return undefined;
    const [padLeft, padTop] = paddingOf(tiling);
    const column = Math.floor((x - padLeft + this.place.scrollLeft) / tiling.width);
    const row = Math.floor((y - padTop + this.place.scrollTop) / tiling.height);
    if (x < padLeft || y < padTop || column >= tiling.columns || row >= tiling.rows) return undefined;
    return cellIn(row, column, tiling, this.#cells.layout);
  }

  protected get firstCell(): number | undefined {
    return this.#cells ? 0 : undefined;
  }

  protected neighbour(cell: number, right: number, up: number): number | undefined {
    const { layout } = this.#cells!;
    const tiling = this.#tiling!;
    const clamp = (value: number, most: number) => Math.max(0, Math.min(most - 1, value));
    if (layout.kind !== 'grid') return clamp(cell + right - up * tiling.columns, layout.cells);
    const row = Math.floor(cell / layout.columns);
    const column = cell - row * layout.columns;
    return clamp(row + up, layout.rows) * layout.columns + clamp(column + right, layout.columns);
  }

  #cornerOf(cell: number, tiling: Tiling, layout: MapLayout): readonly [number, number] {
    const row = Math.floor(cell / tiling.columns);
    const column = cell - row * tiling.columns;
    const [padLeft, padTop] = paddingOf(tiling);
    const down = layout.kind === 'grid' ? layout.rows - 1 - row : row;
    return [padLeft + column * tiling.width, padTop + down * tiling.height];
  }

  #drawTile(context: CanvasRenderingContext2D, cell: number, left: number, top: number, tiling: Tiling): void {
    const { values, states, layout } = this.#cells!;
    const { colours } = this;
    const [x, y, width] = [left + 2, top + 2, tiling.width - 4];
    const caption = tiling.labelled ? 0 : CAPTION;
    const height = tiling.height - 4 - caption;
    const curve = this.#curves.get(layout.pointAt(cell));
    context.fillStyle = colours.page;
    context.fillRect(x, y, width, height);
    if (states[cell] === CELL.known && this.#colour) {
      context.fillStyle = this.#colour.css(values[cell]!);
      context.fillRect(x, y, width, 4);
    }
    if (curve) this.#drawCurve(context, curve, x + 4, y + 6, width - 8, height - 9);
    if (cell === this.selected) {
      context.strokeStyle = colours.text;
      context.lineWidth = 2;
      context.strokeRect(x, y, width, height);
    }
    if (caption === 0) return;
    context.fillStyle = colours.soft;
    context.font = fontOf(11);
    context.textAlign = 'center';
    context.textBaseline = 'top';
    context.fillText(captionOf(cell, layout), x + width / 2, y + height + 4, width);
  }

  #drawCurve(
    context: CanvasRenderingContext2D,
    { dw, se }: WatchedCurve,
    x: number,
    y: number,
    width: number,
    height: number,
  ): void {
    const { colours } = this;
    const reach = (dw.length - 1) / 2;
    const own = dw.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0);
    const peak = (this.ownScales ? own : this.#peak) || 1;
    const middle = y + height / 2;
    const xOf = (bin: number) => x + (bin / Math.max(1, 2 * reach)) * width;
    const yOf = (value: number) => middle - (Math.max(-1.05, Math.min(1.05, value / peak)) * height) / 2.1;
    context.strokeStyle = colours.track;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, middle);
    context.lineTo(x + width, middle);
    context.moveTo(xOf(reach), y);
    context.lineTo(xOf(reach), y + height);
    context.stroke();

    context.fillStyle = colours.accent;
    context.globalAlpha = 0.22;
    for (let bin = 0; bin < dw.length; bin++) {
      if (Number.isNaN(dw[bin]!) || Number.isNaN(se[bin]!)) continue;
      const [from, to] = [yOf(dw[bin]! + 2 * se[bin]!), yOf(dw[bin]! - 2 * se[bin]!)];
      context.fillRect(xOf(bin) - 1, from, 2, to - from);
    }
    context.globalAlpha = 1;
    context.strokeStyle = colours.accent;
    context.lineWidth = 1.5;
    context.beginPath();
    let joined = false;
    for (let bin = 0; bin < dw.length; bin++) {
      const known = !Number.isNaN(dw[bin]!);
      // Nothing joins the two sides, where there is no pair between.
      if (known && joined && bin !== reach + 1) context.lineTo(xOf(bin), yOf(dw[bin]!));
      else if (known) context.moveTo(xOf(bin), yOf(dw[bin]!));
      joined = known;
    }
    context.stroke();
  }

  #drawLabels(
    context: CanvasRenderingContext2D,
    first: { readonly column: number; readonly row: number },
    end: { readonly column: number; readonly row: number },
    tiling: Tiling,
  ): void {
    const { x, y, rows } = this.#cells!.layout;
    const { scrollLeft, scrollTop } = this.place;
    context.fillStyle = this.colours.soft;
    context.font = fontOf(11.5);
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.save();
    context.beginPath();
    context.rect(LABELS.left, 0, this.width, LABELS.top);
    context.clip();
    for (let column = first.column; column < end.column; column++) {
      const at = LABELS.left + (column + 0.5) * tiling.width - scrollLeft;
      context.fillText(numberText(x!.sorted[column]!), at, LABELS.top / 2);
    }
    context.restore();
    context.save();
    context.beginPath();
    context.rect(0, LABELS.top, LABELS.left, this.height);
    context.clip();
    context.textAlign = 'right';
    for (let row = first.row; row < end.row; row++) {
      const at = LABELS.top + (row + 0.5) * tiling.height - scrollTop;
      context.fillText(numberText(y!.sorted[rows - 1 - row]!), LABELS.left - 8, at);
    }
    context.restore();
  }

  /** Asks for the curves in sight, once. */
  #watch(points: readonly number[]): void {
    const key = `${points[0]}:${points.at(-1)}:${points.length}`;
    if (key === this.#watched) return;
    this.#watched = key;
    if (this.#curves.size > KEPT) {
      const inSight = new Set(points);
      for (const point of this.#curves.keys()) if (!inSight.has(point)) this.#curves.delete(point);
    }
    this.#onWatch(Uint32Array.from(points));
  }
}

function tilingOf(layout: MapLayout, width: number): Tiling {
  const labelled = layout.kind === 'grid';
  const inner = width - (labelled ? LABELS.left : 0);
  const fitting = Math.max(1, Math.floor(inner / LEAST.width));
  const columns = labelled ? layout.columns : Math.min(fitting, layout.cells);
  const tileWidth = Math.min(Math.max(LEAST.width, inner / columns), 2.2 * TALLEST);
  const height = Math.min(TALLEST, Math.max(LEAST.height, Math.round(0.62 * tileWidth)));
  return {
    columns,
    rows: labelled ? layout.rows : Math.ceil(layout.cells / columns),
    width: tileWidth,
    height: height + (labelled ? 0 : CAPTION),
    labelled,
  };
}

function paddingOf({ labelled }: Tiling): readonly [left: number, top: number] {
  return labelled ? [LABELS.left, LABELS.top] : [0, 0];
}

/** Rows of tiles count from the top, those of a grid's cells from the bottom. */
function cellIn(row: number, column: number, { columns }: Tiling, layout: MapLayout): number | undefined {
  if (row < 0 || column < 0) return undefined;
  const cell = (layout.kind === 'grid' ? layout.rows - 1 - row : row) * columns + column;
  return cell < layout.cells ? cell : undefined;
}

function captionOf(cell: number, layout: MapLayout): string {
  const { x, y } = layout;
  if (!x) return '';
  const position = x.positions[cell]!;
  const values = [x.sorted[cell]!, ...(y ? [y.sorted[y.places[position]!]!] : [])];
  return values.map((value) => numberText(value)).join(', ');
}
