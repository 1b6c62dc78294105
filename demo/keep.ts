import { svgText } from '../src/figures/index.ts';
import type { Curve, ExperimentSpec } from '../src/index.ts';
import { csvText } from '../src/io/csv.ts';
import { curveColumns } from '../src/io/result-tables.ts';
import { saveBlob } from './save.ts';

/** A spec that `stdp-webgpu run` takes, with every default written out. */
export function specJson(spec: ExperimentSpec): string {
  return `${JSON.stringify(spec, null, 2)}\n`;
}

export function saveFigure(figure: SVGSVGElement, name: string): void {
  save(svgText(figure), 'image/svg+xml', name);
}

export function saveCsv(curve: Curve, name: string): void {
  save(csvText(curveColumns(curve)), 'text/csv', name);
}

function save(text: string, type: string, name: string): void {
  saveBlob(new Blob([text], { type }), name);
}
