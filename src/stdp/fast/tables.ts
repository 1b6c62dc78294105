import { normalTable } from '../../random/normal.ts';
import { logisticTable } from '../rho.ts';
import type { CoreModule } from './core.ts';

/** That of the buffers of spike trains; the others need less. */
const ALIGNMENT = 64;

export const aligned = (address: number) => Math.ceil(address / ALIGNMENT) * ALIGNMENT;

/** Addresses of what all tiles have in common, at the start of every memory. */
export function layOutTables(memoryBase: number) {
  const normal = aligned(memoryBase);
  const logistic = normal + normalTable().byteLength;
  return { normal, logistic, end: logistic + logisticTable().byteLength };
}

/** The normal quantiles, then the logistic function. */
export function sharedTables(memoryBase: number): CoreModule['tables'] {
  const { normal, logistic, end } = layOutTables(memoryBase);
  const data = new Int32Array((end - normal) / 4);
  data.set(normalTable());
  data.set(logisticTable(), (logistic - normal) / 4);
  return { at: normal, data };
}
