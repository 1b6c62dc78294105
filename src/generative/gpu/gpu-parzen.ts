import { EngineError } from '../../errors.ts';
import { recordPass, USAGE, type Workspace } from '../../gpu/workspace.ts';
import { matrixBytes, paddedColumns, padRows } from '../../matrix/layout.ts';
import { MatrixProduct } from '../../matrix/product.ts';
import type { EngineOptions } from '../engine.ts';
import { foldParams, kernels, stores } from './shaders.ts';

/** Test points and centres whose distances are computed at once: a block of 8 MiB. */
const POINTS = 1000;
const CENTRES = 2000;

/**
 * Parzen log-likelihoods on the device: products of test points with centres give squared distances block by block, and
 * each block is folded into a running log-sum-exp per point and σ. The reference is `reference/parzen.ts`.
 *
 * @returns shape [σ][points]
 */
export async function gpuParzen(
  workspace: Workspace,
  dimensions: number,
  centres: Float32Array,
  points: Float32Array,
  sigmas: readonly number[],
  { signal, onProgress }: EngineOptions = {},
): Promise<Float64Array[]> {
  const pointCount = points.length / dimensions;
  const centreCount = centres.length / dimensions;
  const stride = paddedColumns(CENTRES);
  // From the middle of the pixels' range squares are a quarter as large, and so is what their differences lose.
  const shifted = (values: Float32Array) => values.map((value) => value - 0.5);
  const [allPoints, allCentres] = [shifted(points), shifted(centres)];

  const pointBlock = await workspace.buffer('points', USAGE.table, matrixBytes(POINTS, dimensions));
  const centreBlock = await workspace.buffer('centres', USAGE.table, matrixBytes(CENTRES, dimensions));
  const pointSquares = await workspace.buffer('squares of points', USAGE.table, POINTS * 4);
  const centreSquares = await workspace.buffer('squares of centres', USAGE.table, stride * 4);
  const distances = await workspace.buffer('squared distances', USAGE.storage, POINTS * stride * 4);
  const precisions = Float32Array.from(sigmas, (sigma) => 1 / (2 * sigma * sigma));
  const precisionBuffer = await workspace.buffer('precisions', USAGE.table, precisions);
  const start = Float32Array.from({ length: 2 * sigmas.length * pointCount }, (_, i) => (i % 2 === 0 ? -1e30 : 0));
  const running = await workspace.buffer('log-sum-exp', USAGE.exchanged, start);
  const params = await workspace.buffer('fold parameters', USAGE.uniform, foldParams.size);
  const product = await MatrixProduct.open(workspace, {
    rows: POINTS,
    columns: CENTRES,
    inner: dimensions,
    transposed: 'right',
    store: { pieces: stores.distances },
  });
  const measure = product.dispatch(pointBlock, centreBlock, distances, pointSquares, centreSquares);
  const fold = await workspace.pipeline('fold distances', kernels.parzenFold);
  const folding = workspace.bind(fold, [params, distances, precisionBuffer, running]);
  const { context } = workspace;

  for (let firstPoint = 0; firstPoint < pointCount; firstPoint += POINTS) {
    const some = allPoints.subarray(firstPoint * dimensions, (firstPoint + POINTS) * dimensions);
    const rows = some.length / dimensions;
    context.writeBuffer(pointBlock, padRows(some, rows, dimensions));
    context.writeBuffer(pointSquares, squaresOf(some, dimensions));
    for (let first = 0; first < centreCount; first += CENTRES) {
      if (signal?.aborted) throw new EngineError('aborted', 'interrupted while likelihoods were computed');
      const block = allCentres.subarray(first * dimensions, (first + CENTRES) * dimensions);
      const columns = block.length / dimensions;
      context.writeBuffer(centreBlock, padRows(block, columns, dimensions));
      context.writeBuffer(centreSquares, squaresOf(block, dimensions));
      context.writeBuffer(params, foldParams.pack({ centres: columns, stride, points: pointCount, firstPoint }));
      const dispatches = [measure, { pipeline: fold, bindings: folding, x: rows, y: sigmas.length }];
      await workspace.submit('Parzen', (encoder) => recordPass(encoder, 'Parzen', dispatches));
      await context.idle();
    }
    onProgress?.({ done: Math.min(firstPoint + POINTS, pointCount), total: pointCount });
  }

  const sums = new Float32Array(await workspace.read(running, 0, start.byteLength));
  workspace.free(pointBlock, centreBlock, pointSquares, centreSquares, distances, precisionBuffer, running, params);
  return sigmas.map((sigma, s) => {
    const constant = Math.log(centreCount) + (dimensions / 2) * Math.log(2 * Math.PI * sigma * sigma);
    return Float64Array.from({ length: pointCount }, (_, point) => {
      const at = 2 * (s * pointCount + point);
      return sums[at]! + Math.log(sums[at + 1]!) - constant;
    });
  });
}

function squaresOf(values: Float32Array, dimensions: number): Float32Array<ArrayBuffer> {
  const squares = new Float32Array(values.length / dimensions);
  for (let row = 0; row < squares.length; row++) {
    let sum = 0;
    for (let d = row * dimensions; d < (row + 1) * dimensions; d++) sum += values[d]! * values[d]!;
    squares[row] = sum;
  }
  return squares;
}
