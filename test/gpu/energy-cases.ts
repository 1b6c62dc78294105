import { uniforms } from '../../src/energy/checks/trial.ts';
import { relaxOnGpu } from '../../src/energy/gpu/relax-on-gpu.ts';
import { glorotUniform, normalsOf } from '../../src/energy/initial.ts';
import { fullyConnectedNetwork, layeredNetwork, type Network, type Parameters } from '../../src/energy/network.ts';
import type { Noise } from '../../src/energy/noise.ts';
import { step } from '../../src/energy/reference/dynamics.ts';
import { HeldNetwork, inFloat64 } from '../../src/energy/reference/held-network.ts';
import { NETWORK_PURPOSE } from '../../src/random/network-purposes.ts';
import { assert, engineErrorOf, type GpuCase } from './case.ts';

const EXAMPLES = 3;
const STEPS = 100;
const EPSILON = 0.3;
const SEED = 7;

const HARD_SIGMOID = { type: 'hard-sigmoid', beta1: -0.4 } as const;
const LOGISTIC = { type: 'logistic', slope: 3, midpoint: 0.2 } as const;

/** Layers have inputs of every kind: from clamped and free layers, from one and several, from themselves. */
const NETWORKS: readonly Network[] = [
  layeredNetwork([9, 33, 12, 5], { type: 'clip' }),
  fullyConnectedNetwork([6, 7, 5], HARD_SIGMOID),
  layeredNetwork([7, 5], LOGISTIC),
];

function parametersOf(network: Network): Parameters {
  const { weights } = glorotUniform(network, SEED, 0.9);
  const biases = network.sizes.map((size, layer) => Float32Array.from(uniforms(size, SEED, layer, 5), (u) => 0.3 * u));
  return { weights, biases };
}

/** Shape [examples][units] per layer, rounded to float32. */
function startOf({ sizes }: Network): Float32Array[] {
  return sizes.map((size, layer) => Float32Array.from(uniforms(size * EXAMPLES, SEED, layer, 9)));
}

interface Setting {
  readonly noise?: Noise;
  readonly pushed?: boolean;
}

/** The same relaxation in float64, an example after the other; shape [examples][units] per layer. */
function relaxedInFloat64(network: Network, parameters: Parameters, start: Float32Array[], setting: Setting) {
  const { sizes, offsets } = network;
  const { noise = { type: 'none' } } = setting;
  const result = sizes.map((size) => new Float64Array(size * EXAMPLES));
  for (let example = 0; example < EXAMPLES; example++) {
    const of = (values: Float32Array, size: number) => values.subarray(example * size, (example + 1) * size);
    const state = new Float64Array(offsets.at(-1)!);
    sizes.forEach((size, layer) => {
      state.set(of(start[layer]!, size), offsets[layer]);
    });
    const output = sizes.length - 1;
    const values = Float64Array.from(of(goalOf(network), sizes[output]!));
    const held = HeldNetwork.hold(network, inFloat64(parameters), state, [0]).withTarget(
      setting.pushed ? { layer: output, values, strength: 0.7 } : undefined,
    );
    const scratch = new Float64Array(state.length);
    for (let t = 1; t <= STEPS; t++) {
      const normals = normalsOf(network, SEED, NETWORK_PURPOSE.stateNoise, example, t);
      step(held, state, { epsilon: EPSILON, noise }, scratch, normals);
    }
    sizes.forEach((size, layer) => {
      result[layer]!.set(state.subarray(offsets[layer], offsets[layer + 1]), example * size);
    });
  }
  return result;
}

function goalOf({ sizes }: Network): Float32Array {
  return Float32Array.from(uniforms(sizes.at(-1)! * EXAMPLES, SEED, 50, 9));
}

/** ‖a − b‖ / ‖b‖ over all layers. */
function relativeDistance(a: readonly Float32Array[], b: readonly Float64Array[]): number {
  let off = 0;
  let all = 0;
  b.forEach((values, layer) => {
    values.forEach((value, k) => {
      off += (a[layer]![k]! - value) ** 2;
      all += value * value;
    });
  });
  return Math.sqrt(off / all);
}

function relaxationCase(what: string, setting: Setting, networks = NETWORKS): GpuCase {
  return {
    name: `${what}: states after ${STEPS} steps are those of float64, for every ρ and kind of input`,
    async run(context) {
      for (const network of networks) {
        const parameters = parametersOf(network);
        const start = startOf(network);
        const output = network.sizes.length - 1;
        const { states } = await relaxOnGpu(context, network, parameters, start, {
          examples: EXAMPLES,
          clamped: [0],
          epsilon: EPSILON,
          steps: STEPS,
          ...(setting.noise ? { noise: setting.noise } : {}),
          noiseAddress: { seed: SEED, purpose: NETWORK_PURPOSE.stateNoise, example: 0 },
          ...(setting.pushed ? { target: { layer: output, values: goalOf(network), strength: 0.7 } } : {}),
        });
        const distance = relativeDistance(states, relaxedInFloat64(network, parameters, start, setting));
        const name = `${network.rho.type}, ${network.sizes.join('-')}, ${network.connections.length} connections`;
        assert(distance <= 1e-5, `${name}: relative distance ${distance}`);
      }
    },
  };
}

export const energyCases: readonly GpuCase[] = [
  relaxationCase('free relaxation', {}),
  relaxationCase('relaxation towards targets', { pushed: true }),
  relaxationCase('synaptic noise', { noise: { type: 'synaptic', sd: 0.3 }, pushed: true }, NETWORKS.slice(1)),
  relaxationCase('Langevin noise', { noise: { type: 'langevin' } }, NETWORKS.slice(1)),
  {
    name: 'a relaxation that blows up is told from one that settles',
    async run(context) {
      const network = fullyConnectedNetwork([4], { type: 'hard-sigmoid', beta1: -0.5 });
      const zeros = { weights: [new Float32Array(16)], biases: [new Float32Array(4)] };
      const start = [Float32Array.of(1, 0.5, 0.2, 0)];
      const options = { examples: 1, clamped: [], epsilon: 0.5, steps: 60 };
      const { residual } = await relaxOnGpu(context, network, zeros, start, options);
      assert(residual < 1e-10, `residual ${residual} of units that only leak`);
      const infinite = { ...zeros, biases: [new Float32Array(4).fill(3e38)] };
      const error = await engineErrorOf('diverged', () =>
        relaxOnGpu(context, network, infinite, start, {
          ...options,
          target: { layer: 0, values: start[0]!, strength: -9 },
        }),
      );
      assert(error.message.includes('no longer finite'), error.message);
    },
  },
];
