import { styleSheet } from './theme.ts';

let adopted: CSSStyleSheet | undefined;

/**
 * The styles of all figures as one sheet for `adoptedStyleSheets`; figures drawn with `styles: 'adopted'` have none of
 * their own.
 *
 * @example
 * document.adoptedStyleSheets.push(figureStyles());
 * document.body.append(spikeTimingFigure(curve, { rule: 'rate', msPerStep: 1, styles: 'adopted' }));
 */
export function figureStyles(): CSSStyleSheet {
  if (!adopted) {
    adopted = new CSSStyleSheet();
    adopted.replaceSync((['auto', 'light', 'dark'] as const).map(styleSheet).join('\n'));
  }
  return adopted;
}
