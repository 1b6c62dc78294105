/** All that a spec with a user's rule needs beside the engine, in one module to load. */
export { tallyRulesOnGpu } from './gpu-rule.ts';
export { planRule } from './plan-rule.ts';
export { tallyRule } from './tally-rule.ts';
