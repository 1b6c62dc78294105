import { EngineError } from '../errors.ts';
import type { LayerMap } from './model.ts';
import type { PortableModel } from './portable-model.ts';
import { type QuantisedHead, quantisedHead } from './quantised-head.ts';

/** Largest magnitude of a quantised weight. */
const LEVELS = 127;

/**
 * A model in a quarter of its size. Length of a JSON text (32 bits, little endian), the text (model, image shape,
 * settings), then for each encoder and each decoder: weights as signed bytes [inputs][outputs], padded to a multiple of
 * four; for each output unit, float32: the size of a weight's unit, and its bias; last the prior's means and variances.
 */
export function quantised({
  model,
  imageShape,
  parameters,
  prior,
  generation,
}: PortableModel): Uint8Array<ArrayBuffer> {
  const { sizes, hiddenScale } = model;
  const text = new TextEncoder().encode(JSON.stringify({ sizes, hiddenScale, imageShape, generation }));
  const head = new Uint8Array(4 + padded(text.length)).fill(0x20);
  new DataView(head.buffer).setUint32(0, head.length - 4, true);
  head.set(text, 4);
  const parts: Uint8Array[] = [head];
  for (const map of [...parameters.encoders, ...parameters.decoders]) parts.push(...quantisedMap(map));
  parts.push(bytesOf(prior.mean), bytesOf(prior.variance));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The inverse of {@link quantised}, up to the rounding of weights.
 *
 * @param path of the file, for errors
 * @param expected what they name in its place
 * @throws EngineError `file` where the bytes are cut off or something else.
 */
export function fromQuantised(
  bytes: ArrayBuffer,
  path = 'model',
  expected = 'a whole file that `generative export` wrote',
): PortableModel {
  const refused = (what: string) =>
    new EngineError('file', `${path}: ${what}; expected ${expected}`, { path, expected });
  const textBytes = bytes.byteLength < 4 ? Number.POSITIVE_INFINITY : new DataView(bytes).getUint32(0, true);
  if (4 + textBytes > bytes.byteLength) throw refused('is no model, or is cut off');
  const { imageShape, generation, model } = quantisedHead(new Uint8Array(bytes, 4, textBytes), refused);
  const { sizes } = model;
  const whole = 4 + textBytes + numberBytes(sizes);
  if (whole !== bytes.byteLength) {
    throw refused(`has ${bytes.byteLength} bytes where a model of its sizes has ${whole}`);
  }
  let at = 4 + textBytes;
  const floats = (count: number) => {
    const values = new Float32Array(bytes.slice(at, at + 4 * count));
    at += 4 * count;
    if (!values.every(Number.isFinite)) throw refused('is damaged: a number in it is not finite');
    return values;
  };
  const mapOf = (inputs: number, outputs: number): LayerMap => {
    const levels = new Int8Array(bytes, at, inputs * outputs);
    at += padded(levels.length);
    const units = floats(outputs);
    const biases = floats(outputs);
    return { weights: Float32Array.from(levels, (level, i) => level * units[i % outputs]!), biases };
  };
  const encoders = sizes.slice(1).map((units, k) => mapOf(sizes[k]!, units));
  const decoders = sizes.slice(1).map((units, k) => mapOf(units, sizes[k]!));
  const top = sizes.at(-1)!;
  const prior = { mean: floats(top), variance: floats(top) };
  if (!prior.variance.every((variance) => variance >= 0)) throw refused('is damaged: a variance in it is negative');
  return { model, imageShape, generation, parameters: { encoders, decoders }, prior };
}

/** Bytes behind the text of a model of such layers. */
function numberBytes(sizes: QuantisedHead['model']['sizes']): number {
  let sum = 8 * sizes.at(-1)!;
  for (let k = 1; k < sizes.length; k++) {
    const [below, above] = [sizes[k - 1]!, sizes[k]!];
    sum += 2 * padded(below * above) + 8 * (below + above);
  }
  return sum;
}

function quantisedMap({ weights, biases }: LayerMap): Uint8Array[] {
  const outputs = biases.length;
  const units = new Float32Array(outputs);
  for (let i = 0; i < weights.length; i++) units[i % outputs] = Math.max(units[i % outputs]!, Math.abs(weights[i]!));
  for (let j = 0; j < outputs; j++) units[j] = units[j]! / LEVELS;
  const levels = new Int8Array(padded(weights.length));
  for (let i = 0; i < weights.length; i++) {
    const unit = units[i % outputs]!;
    levels[i] = unit > 0 ? Math.round(weights[i]! / unit) : 0;
  }
  return [new Uint8Array(levels.buffer), bytesOf(units), bytesOf(biases)];
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
