import type { WasmProducts } from '../arithmetic/wasm-products.ts';
import { EngineError } from '../errors.ts';
import { NETWORK_PURPOSE } from '../random/network-purposes.ts';
import type { LayerMap } from './model.ts';
import { normalsOf } from './noise.ts';
import { momentsOf } from './reference/regression.ts';

/** Rounds of orthogonal iteration; the directions need not be exact. */
const ITERATIONS = 8;
/** Part of the way to equal variances that the directions are scaled: each has its variance to this power. */
const WHITENING = -1 / 4;

/**
 * A map whose units read the principal directions of the activities below them: the first `units` directions, partly
 * whitened, in a random rotation, so that all units carry about as much.
 *
 * @param activities shape [images][inputs]; more images than units
 * @throws EngineError `invalid-option` where there are too few images.
 */
export function principalMap(
  activities: Float32Array,
  inputs: number,
  units: number,
  { products, seed, map }: { readonly products: WasmProducts; readonly seed: number; readonly map: number },
): LayerMap {
  const images = activities.length / inputs;
  if (images <= units) {
    const expected = `more than ${units}, as the top layer starts from that many principal directions`;
    const message = `images: ${images} is not allowed; expected ${expected}`;
    throw new EngineError('invalid-option', message, { path: 'images', value: images, expected });
  }
  const { mean } = momentsOf(activities, inputs);
  const centred = activities.map((value, i) => value - mean[i % inputs]!);
  const address = { seed, purpose: NETWORK_PURPOSE.mapWeights, time: 1, firstRow: map * inputs };
  let directions = orthonormal(normalsOf(centred, address, inputs, units), units);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const along = products.multiply(centred, directions, units);
    directions = orthonormal(products.multiplyTransposed(centred, along, images), units);
  }
  const { variance } = momentsOf(products.multiply(centred, directions, units), units);
  const scaled = directions.map((value, i) => value * (variance[i % units]! + TINY) ** WHITENING);
  const turn = { ...address, time: 2, firstRow: 0 };
  const rotation = orthonormal(normalsOf(centred, turn, units, units), units);
  return { weights: products.multiply(scaled, rotation, units), biases: new Float32Array(units) };
}

/** Keeps what has no variance finite. */
const TINY = 1e-12;

/** Columns made orthonormal, one after another (Gram and Schmidt, twice, in float64). @param matrix shape [rows][columns] */
function orthonormal(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  const done: Float64Array[] = [];
  for (let column = 0; column < columns; column++) {
    const vector = Float64Array.from({ length: rows }, (_, row) => matrix[row * columns + column]!);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of done) {
        const overlap = dot(vector, other);
        for (let row = 0; row < rows; row++) vector[row] = vector[row]! - overlap * other[row]!;
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    done.push(vector.map((value) => value / (norm + TINY)));
  }
  const result = new Float32Array(matrix.length);
  done.forEach((vector, column) => {
    for (let row = 0; row < rows; row++) result[row * columns + column] = vector[row]!;
  });
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
