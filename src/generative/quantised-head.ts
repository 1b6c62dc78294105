import type { EngineError } from '../errors.ts';
import { createModel, type GenerativeModel } from './model.ts';
import type { PortableModel } from './portable-model.ts';

/** What the text at the beginning of an exported model says. */
export interface QuantisedHead extends Pick<PortableModel, 'model' | 'imageShape' | 'generation'> {}

/** Most rounds of GENERATE and steps of its INFERENCE, as in a spec. */
const MOST_ROUNDS = 1000;

/**
 * Reads the text of an exported model.
 *
 * @param refused makes an error that says what is wrong
 * @throws EngineError, that one, where the text is not of an exported model.
 */
export function quantisedHead(text: Uint8Array, refused: (what: string) => EngineError): QuantisedHead {
  const { sizes, hiddenScale, imageShape, generation } = fieldsOf(parsed(text));
  const { rounds, inference } = fieldsOf(generation);
  const { steps, delta, alpha } = fieldsOf(inference);
  const isModel =
    isList(sizes) &&
    isList(imageShape) &&
    imageShape.length === 2 &&
    imageShape.every((side) => side >= 1) &&
    imageShape[0]! * imageShape[1]! === sizes[0] &&
    isNumber(hiddenScale) &&
    isCount(rounds) &&
    isCount(steps) &&
    isNumber(delta) &&
    isNumber(alpha);
  if (!isModel) throw refused('is no model: its text does not say the sizes of one');
  return {
    model: modelOf({ sizes, hiddenScale }, refused),
    imageShape: [imageShape[0]!, imageShape[1]!],
    generation: { rounds, inference: { steps, delta, alpha } },
  };
}

function parsed(text: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(text));
  } catch {
    return undefined;
  }
}

/** The fields of an object; none of anything else. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function modelOf(model: GenerativeModel, refused: (what: string) => EngineError): GenerativeModel {
  try {
    return createModel(model);
  } catch (error) {
    throw refused(`is no model: ${(error as EngineError).message}`);
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && 0 <= Number(value) && Number(value) <= MOST_ROUNDS;
const isList = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every(Number.isSafeInteger);
