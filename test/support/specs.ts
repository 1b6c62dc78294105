/** Small experiments that between them use every drive, ρ, edge, window width and extreme. */
export const sampleSpecs: Readonly<Record<string, object>> = {
  'the default drives': { sequences: 7, steps: 160, trials: 70 },
  'one trial of one sequence': { sequences: 1, steps: 41, trials: 1 },
  'steps drive and logistic rate': {
    seed: 4294967295,
    sequences: 5,
    steps: 97,
    trials: 65,
    pre: { drive: { type: 'steps' }, rho: { type: 'logistic' } },
    post: { drive: { type: 'steps', hold: 1, low: -1, high: 2 }, epsilon: 0.3 },
  },
  'ramps, truncated edges, wide window': {
    sequences: 3,
    steps: 150,
    trials: 130,
    pre: { drive: { type: 'ramps' }, peak: 0.05 },
    post: { drive: { type: 'ramps', knots: 150 }, epsilon: 1, peak: 0.02 },
    pairing: { window: 45, edges: 'truncate' },
    kernel: { aPlus: 2, tauMinus: 33.7 },
  },
  'window of 64, certain spikes': {
    sequences: 3,
    steps: 200,
    trials: 40,
    pre: { drive: { type: 'noise', mean: 3, sd: 0 }, peak: 1 },
    post: { peak: 0.01 },
    pairing: { window: 64 },
  },
  'window of 32, tiny rates, tiny leak': {
    sequences: 4,
    steps: 129,
    trials: 200,
    pre: { peak: 0.05, epsilon: 1e-6 },
    post: { peak: 0.01, drive: { mean: 900, sd: 1e5 }, rho: { type: 'logistic', slope: 1e-4, midpoint: 500 } },
    pairing: { window: 32 },
  },
  'window of 33, one step more than a word': {
    sequences: 2,
    steps: 33,
    trials: 300,
    pre: { peak: 0.6 },
    post: { peak: 0.9, rho: { type: 'logistic', slope: 1e6, midpoint: 0.3 } },
    pairing: { window: 33, edges: 'truncate' },
  },
  'a table drive': {
    sequences: 2,
    steps: 43,
    trials: 50,
    pre: {
      drive: { type: 'table', values: [0, 1].map((n) => Array.from({ length: 44 }, (_, t) => Math.sin(t / 5 + n))) },
    },
    post: {
      drive: { type: 'table', values: [0, 1].map((n) => Array.from({ length: 44 }, (_, t) => Math.cos(t / 7 - n))) },
      peak: 0.4,
    },
    pairing: { window: 3 },
  },
};
