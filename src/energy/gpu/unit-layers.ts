import { USAGE, type Workspace } from '../../gpu/workspace.ts';
import { matrixBytes, paddedColumns } from '../../matrix/layout.ts';
import type { Network } from '../network.ts';
import { layerParams } from './shaders.ts';

/** Parts of a buffer are bound at multiples of this. */
export const BINDING_ALIGNMENT = 256;

/** The units of a layer for a batch of examples, in device memory. */
export interface UnitLayer {
  readonly layer: number;
  readonly units: number;
  readonly rows: number;
  /** Vectors of four in a row. */
  readonly vectors: number;
  /** Bytes of the states of all examples. */
  readonly bytes: number;
  /** States, then (where ρ(s) is not s) rates in the second half; before and after a step, in turn. */
  readonly sides: readonly [GPUBuffer, GPUBuffer];
  readonly params: GPUBuffer;
  /** States on a side, to be bound for reading. */
  states(side: number): GPUBufferBinding;
  /** What the units send on a side, to be bound for reading. */
  rates(side: number): GPUBufferBinding;
}

/**
 * Makes the buffers of a layer.
 *
 * @param separateRates whether what units send differs from their states
 * @param moves a clamped layer needs one side only
 */
export async function openUnitLayer(
  workspace: Workspace,
  network: Network,
  layer: number,
  { rows, separateRates, moves }: { readonly rows: number; readonly separateRates: boolean; readonly moves: boolean },
): Promise<UnitLayer> {
  const units = network.sizes[layer]!;
  const bytes = matrixBytes(rows, units);
  const half = Math.ceil(bytes / BINDING_ALIGNMENT) * BINDING_ALIGNMENT;
  const vectors = paddedColumns(units) / 4;
  const make = (label: string) =>
    workspace.buffer(`layer ${layer}, ${label}`, USAGE.exchanged, separateRates ? 2 * half : bytes);
  const one = await make('states');
  const sides = [one, moves ? await make('other states') : one] as const;
  const firstUnit = network.offsets[layer]!;
  const params = await workspace.buffer(
    `layer ${layer}`,
    USAGE.uniform,
    layerParams.pack({ rows, vectors, units, firstUnit }),
  );
  return {
    layer,
    units,
    rows,
    vectors,
    bytes,
    sides,
    params,
    states: (side) => ({ buffer: sides[side % 2]!, offset: 0, size: bytes }),
    rates: (side) => ({ buffer: sides[side % 2]!, offset: separateRates ? half : 0, size: bytes }),
  };
}
