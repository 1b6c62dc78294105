import type { GpuContext } from '../../src/gpu/context.ts';
import { recordPass, USAGE, Workspace } from '../../src/gpu/workspace.ts';
import { matrixBytes, padRows, unpadRows } from '../../src/matrix/layout.ts';
import { MatrixProduct, type PlainStore, type ProductKernel, type ProductShape } from '../../src/matrix/product.ts';
import { assert, type GpuCase } from './case.ts';

const KERNELS: readonly ProductKernel[] = ['registers', 'tiles'];
const WAYS: readonly ProductShape['transposed'][] = [undefined, 'left', 'right'];
/** Edges of every kind: below, at and above blocks, tiles and slices. */
const SIZES = [
  { rows: 1, columns: 1, inner: 1 },
  { rows: 3, columns: 10, inner: 5 },
  { rows: 20, columns: 70, inner: 33 },
  { rows: 65, columns: 64, inner: 16 },
  { rows: 100, columns: 9, inner: 130 },
] as const;

/** Irregular numbers of either sign, rounded to float32. */
function irregular(count: number, salt: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + salt) * 2);
}

interface Operands {
  readonly left: Float32Array;
  readonly right: Float32Array;
  readonly result: Float32Array;
  readonly bias: Float32Array;
}

function operandsOf({ rows, columns, inner }: ProductShape): Operands {
  return {
    left: irregular(rows * inner, 1),
    right: irregular(inner * columns, 2),
    result: irregular(rows * columns, 3),
    bias: irregular(columns, 4),
  };
}

/** The product in float64; operands as they are stored. */
function expectedProduct(shape: ProductShape, operands: Operands, store: PlainStore): Float64Array {
  const { rows, columns, inner, transposed } = shape;
  const { left, right, result, bias } = operands;
  const f: Record<string, (x: number) => number> = {
    none: (x) => x,
    softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    clip: (x) => Math.min(Math.max(x, 0), 1),
    rectify: (x) => Math.max(x, 0),
  };
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const row = Math.floor(at / columns);
    const column = at % columns;
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      const a = left[transposed === 'left' ? k * rows + row : row * inner + k]!;
      sum += a * right[transposed === 'right' ? column * inner + k : k * columns + column]!;
    }
    const before = (store.scale ?? 1) * sum + (store.keep ?? 0) * result[at]! + (store.bias ? bias[column]! : 0);
    return f[store.nonlinearity ?? 'none']!(before);
  });
}

async function productOnGpu(
  context: GpuContext,
  shape: ProductShape,
  operands: Operands,
  store: PlainStore,
  kernel: ProductKernel,
): Promise<{ values: Float32Array; padding: number }> {
  const { rows, columns, inner, transposed } = shape;
  const workspace = new Workspace(context);
  try {
    const left = transposed === 'left' ? padRows(operands.left, inner, rows) : padRows(operands.left, rows, inner);
    const right =
      transposed === 'right' ? padRows(operands.right, columns, inner) : padRows(operands.right, inner, columns);
    const buffers = await Promise.all([
      workspace.buffer('left', USAGE.table, left),
      workspace.buffer('right', USAGE.table, right),
      workspace.buffer('result', USAGE.exchanged, padRows(operands.result, rows, columns)),
      ...(store.bias ? [workspace.buffer('bias', USAGE.table, padRows(operands.bias, 1, columns))] : []),
    ]);
    const product = await MatrixProduct.open(workspace, { ...shape, store, kernel });
    await workspace.submit('test', (encoder) => recordPass(encoder, 'test', [product.dispatch(...buffers)]));
    const bytes = await workspace.read(buffers[2]!, 0, matrixBytes(rows, columns));
    const values = unpadRows(bytes, rows, columns);
    const total = (array: Float32Array) => array.reduce((sum, value) => sum + Math.abs(value), 0);
    const again = padRows(values, rows, columns);
    return { values, padding: total(new Float32Array(bytes).map((value, k) => value - again[k]!)) };
  } finally {
    workspace.destroy();
  }
}

function assertClose(name: string, actual: Float32Array, expected: Float64Array, tolerance: number): void {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expected.forEach((value, at) => {
    const off = Math.abs(actual[at]! - value);
    assert(off <= tolerance * scale, `${name}: value ${at} is ${actual[at]} instead of ${value}`);
  });
}

export const matrixCases: readonly GpuCase[] = [
  {
    name: 'products of matrices of any size, either operand transposed, are those of float64 on both kernels',
    async run(context) {
      for (const kernel of KERNELS) {
        for (const sizes of SIZES) {
          for (const transposed of WAYS) {
            const shape: ProductShape = { ...sizes, ...(transposed ? { transposed } : {}) };
            const operands = operandsOf(shape);
            const name = `${kernel}, ${JSON.stringify(shape)}`;
            const { values, padding } = await productOnGpu(context, shape, operands, {}, kernel);
            assertClose(name, values, expectedProduct(shape, operands, {}), 1e-5);
            assert(padding === 0, `${name}: what fills up the rows is no longer 0`);
          }
        }
      }
    },
  },
  {
    name: 'a product is stored with bias, scale, what was there and a nonlinearity',
    async run(context) {
      const shape: ProductShape = { rows: 11, columns: 13, inner: 9 };
      const operands = operandsOf(shape);
      const stores: readonly PlainStore[] = [
        { scale: -0.25, keep: 1 },
        { keep: 0.5, bias: true },
        ...(['softplus', 'sigmoid', 'clip', 'rectify'] as const).map((nonlinearity) => ({
          scale: 10,
          bias: true,
          nonlinearity,
        })),
      ];
      for (const kernel of KERNELS) {
        for (const store of stores) {
          const { values, padding } = await productOnGpu(context, shape, operands, store, kernel);
          const name = `${kernel}, ${JSON.stringify(store)}`;
          assertClose(name, values, expectedProduct(shape, operands, store), 1e-5);
          assert(padding === 0, `${name}: what fills up the rows is no longer 0`);
        }
      }
    },
  },
  {
    name: 'products recorded together see each other’s results',
    async run(context) {
      const workspace = new Workspace(context);
      try {
        // Doubling ten times in one submission.
        const doubled = padRows([2, 0, 0, 2], 2, 2);
        const right = await workspace.buffer('right', USAGE.table, doubled);
        const ping = await workspace.buffer('ping', USAGE.exchanged, padRows([1, 2, 3, 4], 2, 2));
        const pong = await workspace.buffer('pong', USAGE.exchanged, matrixBytes(2, 2));
        const product = await MatrixProduct.open(workspace, { rows: 2, columns: 2, inner: 2 });
        const [there, back] = [product.dispatch(ping, right, pong), product.dispatch(pong, right, ping)];
        await workspace.submit('test', (encoder) =>
          recordPass(
            encoder,
            'test',
            Array.from({ length: 10 }, (_, k) => (k % 2 === 0 ? there : back)),
          ),
        );
        const values = unpadRows(await workspace.read(ping, 0, matrixBytes(2, 2)), 2, 2);
        assertClose('doubled', values, Float64Array.of(1024, 2048, 3072, 4096), 0);
      } finally {
        workspace.destroy();
      }
    },
  },
];
