import type { GpuContext } from '../src/gpu/context.ts';
import { epochWorkloads } from './epoch-workloads.ts';
import { naiveProductWorkload, type ProductSizes, tfjsProductWorkload, tiledWorkload } from './matrix-workloads.ts';
import { type Measurement, measureTogether, type Policy } from './measure.ts';
import { duration, percent } from './table.ts';
import type { Workload } from './workload.ts';

/** What `--only` calls this part of the benchmark. */
export const MATRIX = 'matrix-products';

/** One line of the part on matrix products and what is made of them. */
export interface MatrixResult {
  readonly name: string;
  readonly what: string;
  readonly median_s: number;
  readonly spread_s: number;
  readonly samples: number;
  readonly steady: boolean;
  /** Floating-point operations per second; null where a run is more than a product. */
  readonly flops: number | null;
  /** Sampled values are those of float64. */
  readonly correct: boolean;
}

/** A batch of 100 through 1000 × 1000 weights. */
const SIZES: ProductSizes = { rows: 100, inner: 1000, columns: 1000 };
/** An epoch is measured on so many images. */
const EPOCH = { examples: 400, batch: 20 } as const;

/** Products beside their baselines, and what share of an epoch they are. */
export async function measureMatrix(
  context: GpuContext,
  policy: Policy,
  signal: AbortSignal | undefined,
  onResults: (results: readonly MatrixResult[], leftOut: readonly string[]) => void,
): Promise<readonly MatrixResult[]> {
  const { rows, inner, columns } = SIZES;
  const text = `${rows} × ${inner} by ${inner} × ${columns}`;
  const operations = 2 * rows * inner * columns;
  const products = [await tiledWorkload(context, SIZES), await naiveProductWorkload(context, SIZES)];
  const whats = [`${text}, this project's kernel`, `${text}, one thread a value`];
  try {
    products.push(await tfjsProductWorkload(SIZES));
    whats.push(`${text}, TensorFlow.js on WebGPU`);
  } catch (error) {
    onResults([], [error instanceof Error ? error.message : String(error)]);
  }
  const first = await measured(products, whats, operations, policy, signal);
  onResults(first, []);
  const epochs = await epochWorkloads(context, EPOCH.examples, EPOCH.batch);
  const of = `training 784-500-10 on ${EPOCH.examples} images, batches of ${EPOCH.batch}`;
  const second = await measured(
    epochs,
    [of, `${of}: products only`, `${of}: nothing but copies and read-backs`],
    null,
    policy,
    signal,
  );
  onResults(second, []);
  return [...first, ...second];
}

async function measured(
  workloads: readonly Workload[],
  whats: readonly string[],
  operations: number | null,
  policy: Policy,
  signal: AbortSignal | undefined,
): Promise<MatrixResult[]> {
  try {
    const measurements: readonly Measurement[] = await measureTogether(workloads, policy, 0, signal);
    const verdicts = await Promise.all(workloads.map((workload) => workload.verify()));
    return measurements.map(({ wall, steady }, k) => ({
      name: workloads[k]!.name,
      what: whats[k]!,
      median_s: wall.median,
      spread_s: wall.spread,
      samples: wall.samples,
      steady,
      flops: operations === null ? null : operations / wall.median,
      correct: verdicts[k]!.correct,
    }));
  } finally {
    for (const workload of workloads) workload.close();
  }
}

/** A result as a line of text. */
export function matrixLine({ name, what, median_s, flops, correct, steady }: MatrixResult): string {
  const speed = flops === null ? '' : `, ${(flops / 1e9).toPrecision(3)} GFLOP/s`;
  const median = `${duration(median_s)}${steady ? '' : ' *'}`;
  return `${name.padEnd(22)} ${median.padStart(10)}${speed}${correct ? '' : ', WRONG'}  ${what}`;
}

/** How the products compare, in sentences. */
export function matrixComparisons(results: readonly MatrixResult[]): string[] {
  const time = (name: string) => results.find((result) => result.name === name)?.median_s;
  const [own, naive, tfjs] = [time('matrix-product'), time('matrix-naive'), time('matrix-tfjs')];
  const [epoch, products] = [time('epoch'), time('epoch-products')];
  return [
    ...(own && naive ? [`matrix product against one thread a value: ${(naive / own).toPrecision(3)} ×`] : []),
    ...(own && tfjs ? [`matrix product against TensorFlow.js: ${(tfjs / own).toPrecision(3)} ×`] : []),
    ...(epoch && products ? [`products alone take ${percent(products / epoch)} of the time of an epoch`] : []),
  ];
}
