import { numberText } from '../../src/figures/number-text.ts';
import type { ScalarMeasure } from '../../src/stdp/sweep/measure-names.ts';
import { element, make } from '../elements.ts';
import type { CanvasFigure } from './canvas-figure.ts';
import { CellValues } from './cell-values.ts';
import { ColourScale } from './colour-scale.ts';
import { CurveWall } from './curve-wall.ts';
import { cellText, describeCells, placeText } from './describe.ts';
import { HeatMap } from './heat-map.ts';
import { showLegend } from './legend.ts';
import { LineChart } from './line-chart.ts';
import { MapLayout } from './map-layout.ts';
import { measureTexts } from './measure-texts.ts';
import type { FinishedBatch, SweepOutline, WatchedCurve } from './messages.ts';
import { linkOfPoint } from './point-link.ts';
import { SweepResults } from './results.ts';
import { SliceForm } from './slice-form.ts';

export interface FigureEvents {
  /** The curves of these points are in sight. */
  onWatch(points: Uint32Array): void;
  /** The reader chose another measure or other axes. */
  onView(): void;
}

/** The description is for ears: it changes at most this often. */
const DESCRIBE_MS = 5000;
/** Colours that follow every point would have all cells painted anew for each. */
const LOOSE_FIT = 0.03;
/** All points that are opened go to one tab of their own. */
const CURVE_TAB = 'stdp-curve';

/** The figures of a sweep: a measure as a map or a line, and the curves; and what is said of the chosen point. */
export class Figures {
  readonly #map: HeatMap;
  readonly #chart: LineChart;
  readonly #wall: CurveWall;
  readonly #slices: SliceForm;
  readonly #measure = element('measure', HTMLSelectElement);
  #results: SweepResults | undefined;
  #cells: CellValues | undefined;
  #colour: ColourScale | undefined;
  #peak = 0;
  #selected: number | undefined;
  #nextDescription = 0;
  /** Whether the reader chose the view, which the address is to hold then. */
  #chosen = { measure: false, axes: false };

  constructor(events: FigureEvents) {
    const cellEvents = {
      onHover: (cell: number | undefined) => this.#showCell(cell ?? this.#selected),
      onSelect: (cell: number) => this.#select(cell),
      onOpen: (cell: number) => this.#open(cell),
    };
    this.#map = new HeatMap(element('map', HTMLElement), 'heat map', cellEvents);
    this.#chart = new LineChart(element('chart', HTMLElement), 'line chart', cellEvents);
    this.#wall = new CurveWall(element('wall', HTMLElement), 'curves of the points', cellEvents, events.onWatch);
    this.#slices = new SliceForm(() => {
      this.#chosen.axes = true;
      this.#rearrange();
      events.onView();
    });
    this.#measure.addEventListener('change', () => {
      this.#chosen.measure = true;
      this.#showMeasure();
      events.onView();
    });
    const own = element('own-scales', HTMLInputElement);
    own.addEventListener('change', () => {
      this.#wall.ownScales = own.checked;
      this.#wall.redraw(0);
      this.#showWallScale();
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#showMeasure());
  }

  get done(): number {
    return this.#results?.done ?? 0;
  }

  get notConverged(): number {
    return this.#results?.notConverged ?? 0;
  }

  /** What an address has to say for the same view. */
  get view(): { readonly [Key in 'measure' | 'x' | 'y']: string | undefined } {
    const { x, y } = this.#slices.slice;
    const pathOf = (axis: number | undefined) =>
      this.#chosen.axes && axis !== undefined ? this.#results?.outline.axes[axis]?.path : undefined;
    return { measure: this.#chosen.measure ? this.#measure.value : undefined, x: pathOf(x), y: pathOf(y) };
  }

  /** Begins with a sweep of which nothing is known yet. */
  show(
    outline: SweepOutline,
    wanted: { readonly measure: string | undefined; readonly x: string | undefined; readonly y: string | undefined },
  ): void {
    const before = this.#results?.outline;
    this.#results = new SweepResults(outline);
    this.#peak = 0;
    this.#wall.clear();
    const measure = wanted.measure ?? this.#measure.value;
    this.#measure.replaceChildren(
      ...outline.measures.map((name) => make('option', { value: name }, measureTexts[name].title)),
    );
    const byDefault = outline.measures.includes('peak_plus') ? 'peak_plus' : outline.measures[0];
    this.#measure.value = outline.measures.find((name) => name === measure) ?? byDefault ?? '';
    this.#chosen.measure ||= wanted.measure !== undefined;
    this.#chosen.axes = wanted.x !== undefined || wanted.y !== undefined;
    const sameAxes = before?.axes.map(({ path }) => path).join() === outline.axes.map(({ path }) => path).join();
    const kept = sameAxes && wanted.x === undefined ? this.view : wanted;
    this.#slices.show(outline, kept);
    element('curves', HTMLElement).classList.toggle('none', !outline.curves);
    this.#rearrange();
  }

  add(batch: FinishedBatch): void {
    const cells = this.#cells;
    if (!this.#results) return;
    this.#results.add(batch);
    for (const peak of batch.curvePeaks) this.#peak = Math.max(this.#peak, peak);
    if (!cells) return;
    const changed = cells.update(batch.points);
    this.#recolour(LOOSE_FIT);
    if (cells.layout.kind === 'row') this.#chart.redraw();
    else this.#map.update(changed, this.#colour);
    this.#wall.update(changed, this.#colour, this.#peak);
    if (this.#selected !== undefined && changed.includes(this.#selected)) this.#showCell(this.#selected);
    if (performance.now() > this.#nextDescription) this.describe();
  }

  addCurves(curves: readonly WatchedCurve[]): void {
    this.#wall.add(curves);
  }

  /** Nothing more is coming for a while: colours fit the values exactly, and the words are those of the end. */
  settle(): void {
    if (!this.#cells) return;
    this.#recolour(0);
    this.#map.update([], this.#colour);
    this.#wall.update([], this.#colour, this.#peak);
    this.describe();
  }

  /** Says in words what the figures show. */
  describe(): void {
    this.#nextDescription = performance.now() + DESCRIBE_MS;
    if (!this.#cells || !this.#results) return;
    const description = describeCells(this.#cells, this.#results);
    element('summary', HTMLElement).textContent = description;
    this.#showWallScale();
    const keys = 'Arrow keys choose a point, Enter opens it on the curve page.';
    for (const figure of [this.#map, this.#chart]) figure.canvas.setAttribute('aria-label', `${description} ${keys}`);
    this.#wall.canvas.setAttribute('aria-label', `The rate-rule curve of each point. ${keys}`);
  }

  /** Other axes or another slice. */
  #rearrange(): void {
    if (!this.#results) return;
    const layout = new MapLayout(this.#results.outline, this.#slices.slice);
    this.#selected = undefined;
    for (const figure of this.#figures) figure.select(undefined);
    this.#showMeasure(layout);
  }

  #showMeasure(layout = this.#cells?.layout): void {
    if (!this.#results || !layout) return;
    const measure = this.#results.outline.measures.find((name) => name === this.#measure.value);
    element('no-measures', HTMLElement).hidden = measure !== undefined;
    // Without any measure the curves still have their places.
    const cells = new CellValues(this.#results, layout, measure ?? ('' as ScalarMeasure));
    this.#cells = cells;
    this.#colour = undefined;
    this.#recolour(0);
    const asLine = layout.kind === 'row';
    element('map', HTMLElement).hidden = asLine || measure === undefined;
    element('chart', HTMLElement).hidden = !asLine || measure === undefined;
    element('legend', HTMLElement).hidden = asLine || measure === undefined;
    if (measure !== undefined) {
      if (asLine) this.#chart.show(cells);
      else this.#map.show(cells, this.#colour);
    }
    this.#wall.show(cells, this.#colour);
    this.#wall.update([], this.#colour, this.#peak);
    this.#showCell(this.#selected);
    this.describe();
  }

  /** @param looseness part of their range by which the colours may miss the values */
  #recolour(looseness: number): void {
    const cells = this.#cells!;
    const text = measureTexts[cells.measure] as (typeof measureTexts)[ScalarMeasure] | undefined;
    if (!text) return;
    const range = cells.range();
    const colour = range && new ColourScale(range, text.signed, this.#map.colours.dark);
    if (colour && this.#colour && colour.isNear(this.#colour, looseness)) return;
    this.#colour = colour;
    showLegend(colour, text);
  }

  #showWallScale(): void {
    if (!this.#results || this.#peak === 0) return;
    const { msPerStep, pairing } = this.#results.outline.base;
    const height = this.#wall.ownScales ? 'of its own' : `±${numberText(this.#peak, 2)}`;
    const width = `±${numberText(pairing.window * msPerStep)} ms`;
    element('wall-scale', HTMLElement).textContent = `Height of a curve: ${height}; width: ${width}.`;
  }

  #select(cell: number): void {
    this.#selected = cell;
    for (const figure of this.#figures) figure.select(cell);
    this.#wall.reveal(cell);
    this.#showCell(cell);
  }

  #showCell(cell: number | undefined): void {
    const place = element('point-place', HTMLElement);
    const value = element('point-value', HTMLElement);
    const link = element('point-link', HTMLAnchorElement);
    if (cell === undefined || !this.#cells || !this.#results) {
      place.textContent = 'Choose a point';
      value.textContent = 'with the pointer or the arrow keys; a click or Enter opens it on the curve page.';
      link.hidden = true;
      return;
    }
    const point = this.#cells.layout.pointAt(cell);
    place.textContent = placeText(this.#cells.layout, point);
    value.textContent = cellText(this.#cells, this.#results, cell);
    link.hidden = false;
    link.href = linkOfPoint(this.#cells.layout, point, this.#results.trials[point]!);
    link.target = CURVE_TAB;
  }

  #open(cell: number): void {
    if (!this.#cells || !this.#results) return;
    this.#select(cell);
    const point = this.#cells.layout.pointAt(cell);
    // In a tab of its own: the sweep goes on here.
    window.open(linkOfPoint(this.#cells.layout, point, this.#results.trials[point]!), CURVE_TAB);
  }

  get #figures(): readonly CanvasFigure[] {
    return [this.#map, this.#chart, this.#wall];
  }
}
