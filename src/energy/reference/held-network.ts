import { isWithinLayer } from '../initial.ts';
import { type Connection, type Network, type Numbers, type Parameters, type Target, unitCount } from '../network.ts';
import { bounded, rhoAt, rhoCurvatureAt, rhoSlopeAt } from '../nonlinearity.ts';

/**
 * A network in float64 whose clamped layers hold a given state: energy, driving function and their derivatives at the
 * states of the other units. States and directions are flat vectors, shape [units], layer after layer.
 *
 * What clamped layers send to the others does not change, so it is summed once, when the network is held.
 */
export class HeldNetwork {
  readonly network: Network;
  readonly parameters: Parameters<Float64Array>;
  readonly clamped: readonly number[];
  readonly target: Target<Float64Array> | undefined;
  /** 1 for units whose state moves, 0 for clamped ones; shape [units]. */
  readonly moves: Uint8Array;
  /** Biases and what the clamped layers send, at units that move; shape [units]. */
  readonly #received: Float64Array;
  /** Connections of which both ends move. */
  readonly #inner: readonly number[];
  readonly #rates: Float64Array;

  private constructor(
    parts: Pick<HeldNetwork, 'network' | 'parameters' | 'clamped' | 'target' | 'moves'>,
    received: Float64Array,
    inner: readonly number[],
  ) {
    this.network = parts.network;
    this.parameters = parts.parameters;
    this.clamped = parts.clamped;
    this.target = parts.target;
    this.moves = parts.moves;
    this.#received = received;
    this.#inner = inner;
    this.#rates = new Float64Array(unitCount(parts.network));
  }

  /** @param state of which only the clamped layers count; not kept. */
  static hold(
    network: Network,
    parameters: Parameters<Float64Array>,
    state: Float64Array,
    clamped: readonly number[] = [],
  ): HeldNetwork {
    const { offsets, connections, rho } = network;
    const moves = new Uint8Array(unitCount(network)).fill(1);
    for (const layer of clamped) moves.fill(0, offsets[layer], offsets[layer + 1]);
    const rates = new Float64Array(moves.length);
    moves.forEach((mobile, i) => {
      if (!mobile) rates[i] = rhoAt(rho, state[i]!);
    });
    const received = new Float64Array(moves.length);
    parameters.biases.forEach((biases, layer) => {
      received.set(biases, offsets[layer]);
    });
    connections.forEach((connection, index) => {
      const ends = [connection.from, connection.to].filter((layer) => clamped.includes(layer));
      if (ends.length > 0) addReceived(network, connection, parameters.weights[index]!, rates, received);
    });
    const inner = connections.flatMap(({ from, to }, index) =>
      clamped.includes(from) || clamped.includes(to) ? [] : [index],
    );
    return new HeldNetwork({ network, parameters, clamped, target: undefined, moves }, received, inner);
  }

  /** The same network with a force on one layer, or without. */
  withTarget(target: Target<Float64Array> | undefined): HeldNetwork {
    const { network, parameters, clamped, moves } = this;
    return new HeldNetwork({ network, parameters, clamped, target, moves }, this.#received, this.#inner);
  }

  /** u = b + Wρ(s) at the units that move; 0 at the others. */
  field(state: Float64Array, out: Float64Array): Float64Array {
    const { rho } = this.network;
    const { moves } = this;
    const rates = this.#rates;
    for (let i = 0; i < rates.length; i++) rates[i] = moves[i] ? rhoAt(rho, state[i]!) : 0;
    out.set(this.#received);
    this.#addInner(rates, out);
    for (let i = 0; i < out.length; i++) if (!moves[i]) out[i] = 0;
    return out;
  }

  /**
   * The force on every unit that moves, −∂E/∂s + β (d − s) = R(s) − s + β (d − s), with the driving function
   * R_i(s) = ρ′(s_i) (b_i + Σ_j W_ij ρ(s_j)) (early-inference paper, Eq. 8).
   *
   * Where the STDP paper differs from that equation, the latter is right: its Eq. 11 has a factor 2 that the gradient
   * of ½ ‖ṡ‖² does not have (with W_ij = W_ji there are two terms instead, one for each direction), and its Eq. 17
   * subtracts s̃ beside the leak, which makes the leak 1 − 2ε where Eq. 6 has 1 − ε. Its Eq. 10 leaves out b.
   */
  force(state: Float64Array, out: Float64Array): Float64Array {
    const { rho } = this.network;
    const { moves, target } = this;
    this.field(state, out);
    for (let i = 0; i < out.length; i++) if (moves[i]) out[i] = rhoSlopeAt(rho, state[i]!) * out[i]! - state[i]!;
    if (target) {
      const first = this.network.offsets[target.layer]!;
      target.values.forEach((value, k) => {
        out[first + k]! += target.strength * (value - state[first + k]!);
      });
    }
    return out;
  }

  /**
   * Units that can move: free ones but those of a `clip` network that are held at a bound by a force that points
   * outward. On them the derivatives of the fixed point live.
   */
  active(state: Float64Array, force: Float64Array): Uint8Array {
    if (this.network.rho.type !== 'clip') return this.moves;
    return this.moves.map((mobile, i) => {
      const pinned = (state[i]! <= 0 && force[i]! < 0) || (state[i]! >= 1 && force[i]! > 0);
      return mobile && !pinned ? 1 : 0;
    });
  }

  /**
   * The energy's second derivative (with the target's, β on its layer) times a direction, among some units:
   * out = H v with H = 1 − R′(s), R′_ij = ρ′(s_i) W_ij ρ′(s_j) + δ_ij ρ″(s_i) u_i.
   *
   * @param among 1 for units that count; others take no part and get 0.
   */
  curvature(state: Float64Array, among: Uint8Array): (direction: Float64Array, out: Float64Array) => Float64Array {
    const { rho } = this.network;
    const units = state.length;
    const slopes = state.map((s, i) => (among[i] ? rhoSlopeAt(rho, s) : 0));
    const diagonal = new Float64Array(units);
    const field = this.field(state, new Float64Array(units));
    for (let i = 0; i < units; i++) if (among[i]) diagonal[i] = 1 - rhoCurvatureAt(rho, state[i]!) * field[i]!;
    if (this.target) {
      const { layer, strength } = this.target;
      const { offsets } = this.network;
      for (let i = offsets[layer]!; i < offsets[layer + 1]!; i++) if (among[i]) diagonal[i]! += strength;
    }
    const rates = new Float64Array(units);
    return (direction, out) => {
      for (let i = 0; i < units; i++) rates[i] = slopes[i]! * direction[i]!;
      out.fill(0);
      this.#addInner(rates, out);
      for (let i = 0; i < units; i++) out[i] = among[i] ? diagonal[i]! * direction[i]! - slopes[i]! * out[i]! : 0;
      return out;
    };
  }

  /** s as it may stand in a state, at one unit. */
  bounded(s: number): number {
    return bounded(this.network.rho, s);
  }

  #addInner(rates: Float64Array, out: Float64Array): void {
    for (const index of this.#inner) {
      addReceived(this.network, this.network.connections[index]!, this.parameters.weights[index]!, rates, out);
    }
  }
}

/**
 * E(s) = Σ s²/2 − ½ Σ_{i≠j} W_ij ρ(s_i) ρ(s_j) − Σ b_i ρ(s_i) (STDP paper, Eq. 16; early-inference paper, Eq. 6).
 *
 * @param state flat, all units of the network
 */
export function energyOf(network: Network, parameters: Parameters<Float64Array>, state: Float64Array): number {
  const rates = state.map((s) => rhoAt(network.rho, s));
  const received = new Float64Array(state.length);
  network.connections.forEach((connection, index) => {
    addReceived(network, connection, parameters.weights[index]!, rates, received);
  });
  let energy = 0;
  parameters.biases.forEach((biases, layer) => {
    const first = network.offsets[layer]!;
    for (let k = 0; k < biases.length; k++) {
      const i = first + k;
      energy += 0.5 * state[i]! * state[i]! - rates[i]! * (0.5 * received[i]! + biases[k]!);
    }
  });
  return energy;
}

/** Float64 copies of parameters, which a reference computes with and may change. */
export function inFloat64(parameters: Parameters<Numbers>): Parameters<Float64Array> {
  return {
    weights: parameters.weights.map((w) => Float64Array.from(w)),
    biases: parameters.biases.map((b) => Float64Array.from(b)),
  };
}

/** Adds Wρ of one connection, in both directions, in one pass over its rows. Silent rows of a one-way sum cost nothing. */
function addReceived(
  { sizes, offsets }: Network,
  connection: Connection,
  weights: Float64Array,
  rates: Float64Array,
  out: Float64Array,
): void {
  const rows = sizes[connection.from]!;
  const columns = sizes[connection.to]!;
  const fromRow = offsets[connection.from]!;
  const fromColumn = offsets[connection.to]!;
  const columnRates = rates.subarray(fromColumn, fromColumn + columns);
  const columnSums = out.subarray(fromColumn, fromColumn + columns);
  const within = isWithinLayer(connection);
  const columnsSilent = within || columnRates.every((rate) => rate === 0);
  for (let i = 0, at = 0; i < rows; i++, at += columns) {
    const rate = rates[fromRow + i]!;
    if (columnsSilent) {
      if (rate === 0) continue;
      for (let j = 0; j < columns; j++) columnSums[j]! += weights[at + j]! * rate;
      continue;
    }
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const weight = weights[at + j]!;
      sum += weight * columnRates[j]!;
      columnSums[j]! += weight * rate;
    }
    out[fromRow + i]! += sum;
  }
}
