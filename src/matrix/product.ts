import type { ShaderPiece, ShaderSwitches } from '../gpu/source.ts';
import { type Dispatch, USAGE, type Workspace } from '../gpu/workspace.ts';
import { paddedColumns } from './layout.ts';
import { operands, plainStore, productParams, registerProduct, tileProduct } from './shaders.ts';

/** Sizes of op(left) · op(right), [rows][inner] · [inner][columns]. */
export interface ProductShape {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** The operand that is stored transposed: left as [inner][rows], or right as [columns][inner]. Default neither. */
  readonly transposed?: 'left' | 'right';
}

/** What becomes of the sums: result ← f(scale · sums + keep · result + bias). */
export interface PlainStore {
  /** Default 1. */
  readonly scale?: number;
  /** Share of the result's earlier values that stays, default 0: they are not read. */
  readonly keep?: number;
  /** Adds a vector, shape [columns], to every row. */
  readonly bias?: boolean;
  /** f: ln(1 + eˣ), 1 / (1 + e⁻ˣ), x cut to 0 … 1, or max(x, 0). Default none. */
  readonly nonlinearity?: 'softplus' | 'sigmoid' | 'clip' | 'rectify';
}

/** What becomes of the sums, written by the caller. */
export interface OwnStore {
  /** Has `fn store(row: u32, column: u32, sums: vec4<f32>)`, called once for every four columns; bindings from 3 on. */
  readonly pieces: readonly ShaderPiece[];
  readonly switches?: ShaderSwitches;
}

/** Which kernel computes. */
export type ProductKernel = 'registers' | 'tiles';

export interface ProductOptions extends ProductShape {
  readonly store?: PlainStore | OwnStore;
  /** Default: registers on a software adapter, tiles on hardware. */
  readonly kernel?: ProductKernel;
}

/** Threads of a workgroup, across and down. */
const REGISTER_WORKGROUP = { WIDTH: 4, HEIGHT: 4 } as const;
/** Values of the result that one thread owns, in either direction. */
const VALUES = { registers: 8, tiles: 4 } as const;
/** Edge of a workgroup of the tile kernel; the small one where the large would leave most of a GPU idle. */
const TILE_WIDTHS = { large: 16, small: 8 } as const;
const TILES_WANTED = 128;

/** A product of matrices in device memory (src/matrix/layout.ts), compiled for its sizes' kind, to be recorded at will. */
export class MatrixProduct {
  readonly shape: ProductShape;
  readonly #workspace: Workspace;
  readonly #pipeline: GPUComputePipeline;
  readonly #params: GPUBuffer;
  readonly #grid: { readonly x: number; readonly y: number };

  private constructor(
    shape: ProductShape,
    workspace: Workspace,
    pipeline: GPUComputePipeline,
    params: GPUBuffer,
    grid: { readonly x: number; readonly y: number },
  ) {
    this.shape = shape;
    this.#workspace = workspace;
    this.#pipeline = pipeline;
    this.#params = params;
    this.#grid = grid;
  }

  /** @throws EngineError `shader`, `out-of-memory`, `device-lost` */
  static async open(workspace: Workspace, options: ProductOptions): Promise<MatrixProduct> {
    const { rows, columns, inner, transposed, store = {} } = options;
    const kernel = options.kernel ?? (workspace.context.adapter.software ? 'registers' : 'tiles');
    const { threads, constants } = workgroupOf(kernel, rows, columns);
    const plain = 'pieces' in store ? undefined : store;
    const pipeline = await workspace.pipeline(
      'matrix product',
      [
        ...operands,
        ...('pieces' in store ? store.pieces : [plainStore]),
        kernel === 'registers' ? registerProduct : tileProduct,
      ],
      {
        switches: {
          LEFT_TRANSPOSED: transposed === 'left',
          RIGHT_TRANSPOSED: transposed === 'right',
          ...('pieces' in store ? store.switches : plainSwitches(store)),
        },
        constants,
      },
    );
    const params = await workspace.buffer(
      'product parameters',
      USAGE.uniform,
      productParams.pack({
        rows,
        columns,
        inner,
        leftVectors: paddedColumns(transposed === 'left' ? rows : inner) / 4,
        rightVectors: paddedColumns(transposed === 'right' ? inner : columns) / 4,
        resultVectors: paddedColumns(columns) / 4,
        scale: plain?.scale ?? 1,
        keep: plain?.keep ?? 0,
      }),
    );
    const grid = { x: Math.ceil(columns / threads.x), y: Math.ceil(rows / threads.y) };
    return new MatrixProduct(
      { rows, columns, inner, ...(transposed ? { transposed } : {}) },
      workspace,
      pipeline,
      params,
      grid,
    );
  }

  /**
   * The product of these buffers.
   *
   * @param buffers left, right, and those of the store: result and bias, or what the caller's own store binds from
   *   binding 3 on. A part of a buffer is given as a binding with its offset, a multiple of 256.
   */
  dispatch(...buffers: readonly (GPUBuffer | GPUBufferBinding | undefined)[]): Dispatch {
    const bindings = this.#workspace.bind(this.#pipeline, [this.#params, ...buffers]);
    return { pipeline: this.#pipeline, bindings, ...this.#grid };
  }
}

function plainSwitches({ keep = 0, bias = false, nonlinearity }: PlainStore): ShaderSwitches {
  return {
    KEEP: keep !== 0,
    BIAS: bias,
    SOFTPLUS: nonlinearity === 'softplus',
    SIGMOID: nonlinearity === 'sigmoid',
    CLIP: nonlinearity === 'clip',
    RECTIFY: nonlinearity === 'rectify',
  };
}

/** Values of the result that a workgroup owns, across and down, and the constants of its kernel. */
function workgroupOf(kernel: ProductKernel, rows: number, columns: number) {
  if (kernel === 'registers') {
    const { WIDTH, HEIGHT } = REGISTER_WORKGROUP;
    return { threads: { x: WIDTH * VALUES.registers, y: HEIGHT * VALUES.registers }, constants: REGISTER_WORKGROUP };
  }
  const edge = TILE_WIDTHS.large * VALUES.tiles;
  const tiles = Math.ceil(rows / edge) * Math.ceil(columns / edge);
  const WIDTH = tiles < TILES_WANTED ? TILE_WIDTHS.small : TILE_WIDTHS.large;
  return { threads: { x: WIDTH * VALUES.tiles, y: WIDTH * VALUES.tiles }, constants: { WIDTH } };
}
