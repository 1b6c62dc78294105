import { figureStyles } from '../src/figures/index.ts';

/**
 * A place in the page for a figure, drawn anew whenever it or the width of its place changes. The style sheet gives
 * the place the figure's height before there is one, so that nothing on the page moves.
 */
export class FigurePanel {
  readonly #place: HTMLElement;
  #width = 0;
  #draw: ((width: number) => SVGSVGElement) | undefined;

  constructor(place: HTMLElement) {
    this.#place = place;
    document.adoptedStyleSheets = [...new Set([...document.adoptedStyleSheets, figureStyles()])];
    new ResizeObserver(() => {
      if (Math.floor(place.clientWidth) !== this.#width) this.#render();
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

  #render(): void {
    this.#width = Math.floor(this.#place.clientWidth);
    if (!this.#draw || this.#width === 0) return;
    const figure = this.#draw(this.#width);
    // The page has adopted the styles, and its policy allows no inline ones.
    figure.querySelector('style')?.remove();
    this.#place.replaceChildren(figure);
  }
}
