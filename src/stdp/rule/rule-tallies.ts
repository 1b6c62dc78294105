/**
 * What is summed of the user's rule over the trials of a region: exact integers in units of 2^−`fractionBits` of the
 * rule. R = recorded steps, B = bins of the plan.
 */
export interface RuleTallies {
  /** Σ of the weight changes over pairs, shape [sequences][B]; 0 in bins that count no pairs. */
  readonly binSums: BigInt64Array;
  /** Σ over trials at each recorded step, shape [sequences][R]. */
  readonly cellSums: BigInt64Array;
}

export function emptyRuleTallies(sequences: number, steps: number, bins: number): RuleTallies {
  return { binSums: new BigInt64Array(sequences * bins), cellSums: new BigInt64Array(sequences * steps) };
}

/** The sums of both, element by element. */
export function addRuleTallies(a: RuleTallies, b: RuleTallies): RuleTallies {
  return {
    binSums: a.binSums.map((sum, index) => sum + b.binSums[index]!),
    cellSums: a.cellSums.map((sum, index) => sum + b.cellSums[index]!),
  };
}
