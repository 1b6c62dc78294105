import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';
import { normalsOf } from '../initial.ts';
import { fullyConnectedNetwork } from '../network.ts';
import { step } from '../reference/dynamics.ts';
import { energyOf, HeldNetwork } from '../reference/held-network.ts';
import { atMost, type Check, near } from './check.ts';

/** Leak factors that are tried, each half of the one before. */
const EPSILONS = [0.5, 0.25, 0.125] as const;
/** States are counted in cells of a grid over −LIMIT … LIMIT in both units; what is outside counts with the edge. */
const LIMIT = 4;
const CELLS = 16;
/** Points per cell and unit at which the density is integrated. */
const POINTS = 8;
/** Length of all chains together is this over ε, so that each has about as many independent samples. */
const TIME = 600_000;
const CHAINS = 100;
const BURN_IN = 20;

/**
 * Unadjusted Langevin dynamics of two connected units against e^(−E): the total variation distance of the samples from
 * the density, over cells of a grid. It is a bias that halves with ε, and shares that are extrapolated to ε = 0 without
 * what is of first and second order lose it: 0.014 to 0.016 is left of 0.053, for three seeds, most of it chance. The
 * logistic ρ is steep enough for the density to be far from a normal one.
 */
export function checkBoltzmann(seed: number): Check[] {
  const density = boltzmann();
  const shares = EPSILONS.map((epsilon) => sampled(seed, epsilon));
  const distances = shares.map((of) => distance(of, density));
  const [coarse, middle, fine] = shares as [Float64Array, Float64Array, Float64Array];
  const extrapolated = fine.map((share, cell) => (8 * share - 6 * middle[cell]! + coarse[cell]!) / 3);
  return [
    atMost(`Langevin: total variation distance from e^(−E), ε = ${EPSILONS[0]}`, distances[0]!, 0.25),
    ...EPSILONS.slice(1).map((epsilon, k) =>
      near(
        `Langevin: that distance at ε = ${epsilon} over that at twice this ε`,
        distances[k + 1]! / distances[k]!,
        0.5,
        0.1,
      ),
    ),
    atMost('Langevin: total variation distance, extrapolated to ε = 0', distance(extrapolated, density), 0.02),
  ];
}

const network = fullyConnectedNetwork([2], { type: 'logistic', slope: 4, midpoint: 0 });
const weight = 3;
const parameters = {
  weights: [Float64Array.of(0, weight, weight, 0)],
  biases: [Float64Array.of(-1.2, -1.5)],
};

/** Share of the samples in each cell, shape [CELLS][CELLS]. */
function sampled(seed: number, epsilon: number): Float64Array {
  const shares = new Float64Array(CELLS * CELLS);
  const state = new Float64Array(2);
  const scratch = new Float64Array(2);
  const held = HeldNetwork.hold(network, parameters, state);
  const steps = Math.round(TIME / epsilon / CHAINS);
  const burnIn = BURN_IN / epsilon;
  for (let chain = 0; chain < CHAINS; chain++) {
    state.fill(0);
    for (let t = 0; t < burnIn + steps; t++) {
      const normals = normalsOf(network, seed, NETWORK_PURPOSE.stateNoise, chain, t);
      step(held, state, { epsilon, noise: { type: 'langevin' } }, scratch, normals);
      if (t >= burnIn) shares[cellOf(state[0]!) * CELLS + cellOf(state[1]!)]! += 1 / (steps * CHAINS);
    }
  }
  return shares;
}

/** Probability of each cell under e^(−E), by the midpoint rule. */
function boltzmann(): Float64Array {
  const shares = new Float64Array(CELLS * CELLS);
  const points = CELLS * POINTS;
  const place = (k: number) => ((k + 0.5) / points) * 2 * LIMIT - LIMIT;
  let total = 0;
  for (let i = 0; i < points; i++) {
    for (let j = 0; j < points; j++) {
      const density = Math.exp(-energyOf(network, parameters, Float64Array.of(place(i), place(j))));
      shares[Math.floor(i / POINTS) * CELLS + Math.floor(j / POINTS)]! += density;
      total += density;
    }
  }
  return shares.map((share) => share / total);
}

function cellOf(s: number): number {
  return Math.min(CELLS - 1, Math.max(0, Math.floor(((s + LIMIT) / (2 * LIMIT)) * CELLS)));
}

function distance(a: Float64Array, b: Float64Array): number {
  return 0.5 * a.reduce((sum, share, k) => sum + Math.abs(share - b[k]!), 0);
}
