import { uniformBlock } from '../gpu/uniforms.ts';

/*
 * Parameter blocks of the kernels of triplets, in a file of their own: loaded with these kernels.
 */

export const tripletParams = uniformBlock('TripletParams', {
  /** A trace of 1. */
  one: 'u32',
  decaySteps: 'u32',
});

export const tripletTallyParams = uniformBlock('TripletTallyParams', {
  rows: 'u32',
  recordedSteps: 'u32',
  distances: 'u32',
  /** Bins below it have negative weight changes. */
  firstAfter: 'u32',
});
