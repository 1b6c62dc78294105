import { glorotUniform } from '../initial.ts';
import { createNetwork, fullyConnectedNetwork, type Network, type Parameters, unitCount } from '../network.ts';
import type { Nonlinearity } from '../nonlinearity.ts';
import { zeroParameters } from '../reference/gradient.ts';
import { HeldNetwork, inFloat64 } from '../reference/held-network.ts';
import { dot } from '../reference/newton.ts';
import { inferenceStep, learn, scoreMatching } from '../reference/score-matching.ts';
import { stabilityAt } from '../reference/spectrum.ts';
import { atLeast, atMost, type Check } from './check.ts';
import { uniforms } from './trial.ts';

const EPSILON = 0.1;
const hardSigmoid: Nonlinearity = { type: 'hard-sigmoid', beta1: -0.2 };
const logistic: Nonlinearity = { type: 'logistic', slope: 4, midpoint: 0.3 };

/** J_STDP = J_x + J_h and what learning by Eq. 1 after every step of inference does to it (STDP paper, §6). */
export function checkScoreMatching(seed: number): Check[] {
  return [
    atMost(
      'J_x: relative distance of Eq. 1 from the score-matching gradient',
      distanceToGradient(hardSigmoid, seed),
      1e-6,
    ),
    atLeast('J_x: the same with the logistic ρ, where condition 3 fails', distanceToGradient(logistic, seed), 0.01),
    ...checkLearning(seed),
  ];
}

/** ‖update / ε + ∇J_SM‖ / ‖∇J_SM‖: the change of Eq. 1 by the clamped units against central differences of J_SM. */
function distanceToGradient(rho: Nonlinearity, seed: number): number {
  const network = fullyConnectedNetwork([5, 4], rho);
  const parameters = inFloat64(glorotUniform(network, seed, 0.5));
  const state = uniforms(unitCount(network), seed, 0, 3).map((u) => 0.1 + 0.4 * u);
  const { change } = inferenceStep(network, parameters, state, [0], EPSILON);
  const visible = change.map((value, i) => (i < network.sizes[0]! ? value : 0));
  const update = zeroParameters(network);
  learn(network, update, state, visible, 1 / EPSILON);
  const gradient = differences(network, parameters, () => scoreMatching(network, parameters, state, [0]));
  const flat = Float64Array.from([...update.weights, ...update.biases].flatMap((values) => [...values]));
  const off = flat.map((value, k) => value + gradient[k]!);
  return Math.sqrt(dot(off, off) / dot(gradient, gradient));
}

/** Central differences of a function of the parameters, one number per parameter; both copies of a weight move. */
function differences(network: Network, parameters: Parameters<Float64Array>, value: () => number): Float64Array {
  const reach = 1e-5;
  const slopes: number[] = [];
  const arrays = [...parameters.weights, ...parameters.biases];
  arrays.forEach((array, index) => {
    const connection = network.connections[index];
    const within = connection !== undefined && connection.from === connection.to;
    const side = within ? network.sizes[connection.from]! : 0;
    for (let k = 0; k < array.length; k++) {
      const mirror = within ? (k % side) * side + Math.floor(k / side) : k;
      const onDiagonal = within && mirror === k;
      const before = array[k]!;
      const at = (weight: number) => {
        array[k] = weight;
        array[mirror] = weight;
        return value();
      };
      slopes.push(onDiagonal ? 0 : (at(before + reach) - at(before - reach)) / (2 * reach));
      at(before);
    }
  });
  return Float64Array.from(slopes);
}

/** Rows and columns of the images, each of which shows one bar. */
const SIDE = 4;
const HIDDEN = 8;
const PRESENTATIONS = 2000;
const STEPS = 40;
const RATE = 0.07;

/** Bars: 4 × 4 images of one row or column that is brighter than the rest, explained by 8 latent units. */
function checkLearning(seed: number): Check[] {
  const before = trained(seed, 'none');
  const impatient = trained(seed, 'impatient');
  const patient = trained(seed, 'patient');
  const speed = (1 - impatient.slowest) / (1 - before.slowest);
  return [
    atMost('impatient learning: J_STDP after over before', impatient.objective / before.objective, 1),
    atMost('impatient learning: J_x after over before', impatient.visible / before.visible, 0.75),
    atLeast('impatient learning: speed of the chain in its slowest direction, after over before', speed, 1),
    atMost('impatient over patient learning: J_STDP after', impatient.objective / patient.objective, 1),
  ];
}

interface Trained {
  /** Mean J_STDP and J_x of a step of inference. */
  readonly objective: number;
  readonly visible: number;
  /** Mean over images of the largest eigenvalue of R′ among the latent units: an error of h decays by 1 − ε (1 − λ). */
  readonly slowest: number;
}

/**
 * Learns on bars, with a chain of latent states that goes on from image to image, and measures without learning.
 *
 * A chain that starts anew with every image would not do: Eq. 1 summed over its steps moves the fixed point further
 * from the start each time. What a lasting chain learns from its own movement cancels but for the products of
 * velocities, and these are what speeds it up.
 *
 * @param when `impatient`: after every step of inference (STDP paper, §6.3); `patient`: after the last step of an image
 *   only, with the rates of all steps together.
 */
function trained(seed: number, when: 'impatient' | 'patient' | 'none'): Trained {
  const connections = [
    { from: 0, to: 1 },
    { from: 1, to: 1 },
  ];
  const network = createNetwork({ sizes: [SIDE * SIDE, HIDDEN], connections, rho: hardSigmoid });
  const images = bars();
  const parameters = initial(network, seed);
  let state = new Float64Array(unitCount(network)).fill(CENTRE);
  const order = uniforms(PRESENTATIONS, seed, 0, 4);
  if (when !== 'none') {
    for (const draw of order) {
      state.set(images[Math.floor(draw * images.length)]!);
      for (let t = 1; t <= STEPS; t++) {
        const next = inferenceStep(network, parameters, state, [0], EPSILON);
        const rate = when === 'impatient' ? RATE / STEPS : t === STEPS ? RATE : 0;
        if (rate > 0) learn(network, parameters, state, next.change, rate / EPSILON);
        state = Float64Array.from(next.state);
      }
    }
  }
  return measured(network, parameters, state, images);
}

function measured(
  network: Network,
  parameters: Parameters<Float64Array>,
  start: Float64Array,
  images: readonly Float64Array[],
): Trained {
  let state = Float64Array.from(start);
  const sums = { objective: 0, visible: 0, slowest: 0 };
  // Once around to forget the start, once to measure.
  for (const round of [0, 1]) {
    for (const image of images) {
      state.set(image);
      for (let t = 0; t < STEPS; t++) {
        const next = inferenceStep(network, parameters, state, [0], EPSILON);
        const { visible, hidden } = next.objective;
        sums.objective += (round * (visible + hidden)) / (STEPS * images.length);
        sums.visible += (round * visible) / (STEPS * images.length);
        state = Float64Array.from(next.state);
      }
      const { largestEigenvalue } = stabilityAt(HeldNetwork.hold(network, parameters, state, [0]), state, EPSILON);
      sums.slowest += (round * largestEigenvalue) / images.length;
    }
  }
  return sums;
}

/** Where units are at the start: in the middle of the active region. */
const CENTRE = 0.3;
const DARK = 0.2;
const BRIGHT = 0.4;
/** Gain of the weights between pixels and latent units, over Glorot's. */
const GAIN = 1.4;
/** Largest eigenvalue of R′ among the latent units at the start: a chain with a slow direction. */
const SLOWEST = 0.7;

function bars(): Float64Array[] {
  return Array.from({ length: 2 * SIDE }, (_, bar) =>
    Float64Array.from({ length: SIDE * SIDE }, (__, pixel) => {
      const at = bar < SIDE ? Math.floor(pixel / SIDE) : pixel % SIDE;
      return at === bar % SIDE ? BRIGHT : DARK;
    }),
  );
}

/** Random weights, and biases that make the centre a fixed point for the mean image: no unit starts near saturation. */
function initial(network: Network, seed: number): Parameters<Float64Array> {
  const parameters = inFloat64(glorotUniform(network, seed));
  const [across, among] = parameters.weights as [Float64Array, Float64Array];
  const pixels = SIDE * SIDE;
  const mean = (BRIGHT + (SIDE - 1) * DARK) / SIDE;
  const centre = Float64Array.from({ length: unitCount(network) }, (_, i) => (i < pixels ? mean : CENTRE));
  const { largestEigenvalue } = stabilityAt(HeldNetwork.hold(network, parameters, centre, [0]), centre, EPSILON);
  const weights = [
    across.map((weight) => GAIN * weight),
    among.map((weight) => (SLOWEST / largestEigenvalue) * weight),
  ];
  const received = HeldNetwork.hold(network, { ...parameters, weights }, centre).field(
    centre,
    centre.map(() => 0),
  );
  const biases = centre.map((s, i) => s - received[i]!);
  return { weights, biases: [biases.slice(0, pixels), biases.slice(pixels)] };
}
