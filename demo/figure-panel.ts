/**
 * A place in the page for a figure, drawn anew whenever it or the width of its place changes. The place has the
 * figure's height before there is one and never shrinks at the same width, so that nothing on the page moves.
 */
export class FigurePanel {
  readonly #place: HTMLElement;
  readonly #reservedHeight: (width: number) => number;
  #width = 0;
  #draw: ((width: number) => SVGSVGElement) | undefined;

  /** @param reservedHeight height of the figure in CSS pixels at a width, about */
  constructor(place: HTMLElement, reservedHeight: (width: number) => number) {
    this.#place = place;
    this.#reservedHeight = reservedHeight;
    this.#fit();
    new ResizeObserver(() => {
      if (Math.floor(place.clientWidth) !== this.#width) this.#fit();
    }).observe(place);
  }

  /** The figure changes to what `draw` gives for a width. */
  show(draw: (width: number) => SVGSVGElement): void {
    this.#draw = draw;
    this.#render();
  }

  /** Whether the figure is of an experiment that is no longer the current one. */
  set outdated(outdated: boolean) {
    this.#place.classList.toggle('outdated', outdated);
    this.#place.setAttribute('aria-busy', String(outdated));
  }

  #fit(): void {
    this.#width = Math.floor(this.#place.clientWidth);
    this.#place.style.minHeight = `${Math.round(this.#reservedHeight(this.#width))}px`;
    this.#render();
  }

  #render(): void {
    if (!this.#draw || this.#width < 1) return;
    const figure = this.#draw(this.#width);
    this.#place.replaceChildren(figure);
    const height = Number(figure.getAttribute('height'));
    if (height > Number.parseFloat(this.#place.style.minHeight)) this.#place.style.minHeight = `${height}px`;
  }
}
