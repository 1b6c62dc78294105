import type { FigureTheme } from './theme.ts';

/** What every figure takes. */
export interface FigureOptions {
  /** Creates the elements; default the page's own. In Node: that of linkedom, for one. */
  readonly document?: Document;
  /** Width in CSS pixels, default 480: one column of a journal (85 mm) at 13 px ≈ 6.5 pt text. */
  readonly width?: number;
  /** Default `auto`. */
  readonly theme?: FigureTheme;
  /**
   * `adopted`: without a style sheet of its own, for a page or a shadow root that has adopted `figureStyles`; so
   * it needs no inline style, which a strict content security policy forbids. Default `own`, as a file needs it.
   */
  readonly styles?: 'own' | 'adopted';
  /** A line in bold above the figure; default none. */
  readonly title?: string;
}
