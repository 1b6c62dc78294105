import { type GenerativeModel, latentLayers } from './model.ts';

/**
 * What units make of their input z.
 *
 * - `sigmoid`: 1 / (1 + e^(−z)), for pixels and the top layer; states are kept in 0 … 1.
 * - `softplus`: scale · ln(1 + e^z), for the layers between; states are kept ≥ 0.
 */
export type Activation = { readonly type: 'sigmoid' } | { readonly type: 'softplus'; readonly scale: number };

/** The activation of the units of a layer; 0 are the pixels. */
export function activationOf(model: GenerativeModel, layer: number): Activation {
  return layer === 0 || layer === latentLayers(model)
    ? { type: 'sigmoid' }
    : { type: 'softplus', scale: model.hiddenScale };
}

/** Activity of a unit with input z. */
export function activityAt(activation: Activation, z: number): number {
  if (activation.type === 'sigmoid') return 1 / (1 + Math.exp(-z));
  return activation.scale * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))));
}

/** Derivative of the activity with respect to the input z. */
export function slopeAt(activation: Activation, z: number): number {
  const rate = 1 / (1 + Math.exp(-z));
  return activation.type === 'sigmoid' ? rate * (1 - rate) : activation.scale * rate;
}

/** A state as inference may leave it: within what the units can show. */
export function withinRange(activation: Activation, h: number): number {
  const positive = h < 0 ? 0 : h;
  return activation.type === 'sigmoid' && positive > 1 ? 1 : positive;
}
