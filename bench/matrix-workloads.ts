import type { GpuContext } from '../src/gpu/context.ts';
import { type Dispatch, recordPass, USAGE, Workspace } from '../src/gpu/workspace.ts';
import { MatrixProduct } from '../src/matrix/product.ts';
import naiveText from './baselines/naive-product.wgsl?raw';
import { loadTensorFlow } from './baselines/tfjs.ts';
import { timed, type Workload } from './workload.ts';

/** Sizes of a product of float32 matrices; multiples of 4. */
export interface ProductSizes {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** Values of the result that are held to float64. */
const CHECKED = 40;

/** The product's own kernel for this adapter. */
export function tiledWorkload(context: GpuContext, sizes: ProductSizes): Promise<Workload> {
  return onDevice('matrix-product', context, sizes, async (workspace, { left, right, result }) => {
    const product = await MatrixProduct.open(workspace, sizes);
    return product.dispatch(left, right, result);
  });
}

/** One thread a value. */
export function naiveProductWorkload(context: GpuContext, sizes: ProductSizes): Promise<Workload> {
  return onDevice('matrix-naive', context, sizes, async (workspace, { left, right, result }) => {
    const pieces = [{ file: 'bench/baselines/naive-product.wgsl', text: naiveText }];
    const pipeline = await workspace.pipeline('naive product', pieces);
    const { rows, columns, inner } = sizes;
    const params = await workspace.buffer('naive sizes', USAGE.uniform, Uint32Array.of(rows, columns, inner, 0));
    const bindings = workspace.bind(pipeline, [params, left, right, result]);
    return { pipeline, bindings, x: Math.ceil(columns / 8), y: Math.ceil(rows / 8) };
  });
}

/** `tf.matMul` on tensors that stay on the device. @throws EngineError `unavailable` */
export async function tfjsProductWorkload(sizes: ProductSizes): Promise<Workload> {
  const tf = await loadTensorFlow();
  const { rows, columns, inner } = sizes;
  const operands = operandsOf(sizes);
  const left = tf.tensor2d(operands.left, [rows, inner]);
  const right = tf.tensor2d(operands.right, [inner, columns]);
  let last: Float32Array = new Float32Array();
  return {
    name: 'matrix-tfjs',
    run: (repeats) =>
      timed(async () => {
        for (let repeat = 1; repeat <= repeats; repeat++) {
          const product = tf.matMul(left, right);
          // The one read-back is what tells that all are done.
          if (repeat === repeats) last = (await product.data()) as Float32Array;
          product.dispose();
        }
      }),
    verify: async () => verdictOf(operands, sizes, last),
    close: () => tf.dispose([left, right]),
  };
}

interface Operands<A> {
  readonly left: A;
  readonly right: A;
}

function operandsOf({ rows, inner, columns }: ProductSizes): Operands<Float32Array<ArrayBuffer>> {
  const irregular = (count: number, salt: number) =>
    Float32Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + salt)));
  return { left: irregular(rows * inner, 1), right: irregular(inner * columns, 2) };
}

async function onDevice(
  name: string,
  context: GpuContext,
  sizes: ProductSizes,
  open: (workspace: Workspace, buffers: Operands<GPUBuffer> & { readonly result: GPUBuffer }) => Promise<Dispatch>,
): Promise<Workload> {
  const workspace = new Workspace(context);
  const operands = operandsOf(sizes);
  const bytes = sizes.rows * sizes.columns * 4;
  const left = await workspace.buffer('left', USAGE.table, operands.left);
  const right = await workspace.buffer('right', USAGE.table, operands.right);
  const result = await workspace.buffer('result', USAGE.readable, bytes);
  const dispatch = await open(workspace, { left, right, result });
  let last: Float32Array = new Float32Array();
  return {
    name,
    run: (repeats) =>
      timed(async () => {
        const dispatches = new Array<Dispatch>(repeats).fill(dispatch);
        await workspace.submit(name, (encoder) => recordPass(encoder, name, dispatches));
        last = new Float32Array(await workspace.read(result, 0, bytes));
      }),
    verify: async () => verdictOf(operands, sizes, last),
    close: () => workspace.destroy(),
  };
}

function verdictOf(
  { left, right }: Operands<Float32Array>,
  { rows, inner, columns }: ProductSizes,
  result: Float32Array,
) {
  let correct = result.length === rows * columns;
  for (let sample = 0; sample < CHECKED; sample++) {
    const at = Math.floor((sample / (CHECKED - 1)) * (rows * columns - 1));
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += left[row * inner + k]! * right[k * columns + column]!;
    correct &&= Math.abs(result[at]! - sum) <= 1e-4 * Math.sqrt(inner);
  }
  return { correct, chance: 1 };
}
