import type { Tallies } from '../tallies.ts';

/** Tallies in memory of their own: no larger than they are, and untouched by what happens to the original. */
export function copyTallies(tallies: Tallies): Tallies {
  const { rule, tripletSums } = tallies;
  return {
    region: { ...tallies.region },
    trials: tallies.trials,
    pairs: tallies.pairs.slice(),
    rateSums: tallies.rateSums.slice(),
    spikeSums: tallies.spikeSums.slice(),
    cellRates: tallies.cellRates.slice(),
    cellPairs: tallies.cellPairs.slice(),
    preSpikes: tallies.preSpikes.slice(),
    postSpikes: tallies.postSpikes.slice(),
    ...(rule ? { rule: { binSums: rule.binSums.slice(), cellSums: rule.cellSums.slice() } } : {}),
    ...(tripletSums ? { tripletSums: tripletSums.slice() } : {}),
  };
}
