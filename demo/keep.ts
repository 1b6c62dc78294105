import { svgText } from '../src/figures/index.ts';
import type { Curve, ExperimentSpec } from '../src/index.ts';
import { csvText } from '../src/io/csv.ts';
import { curveColumns } from '../src/io/result-tables.ts';

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

/** Puts a text on the clipboard; `false` where the browser does not let the page. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function save(text: string, type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser takes the blob after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
