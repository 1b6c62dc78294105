import { optionalPackage } from '../optional-package.ts';

/**
 * An empty document to draw figures in where there is no page, made by npm's `linkedom`.
 *
 * @throws EngineError `unavailable` where linkedom is not installed
 * @example
 * const document = await figureDocument();
 * writeFileSync('curve.svg', svgText(spikeTimingFigure(curve, { document, rule: 'rate', msPerStep: 1 })));
 */
export async function figureDocument(): Promise<Document> {
  const { parseHTML } = await optionalPackage('linkedom', 'figures in Node need it', () => import('linkedom'));
  return parseHTML('<!doctype html><html><body></body></html>').document as unknown as Document;
}
