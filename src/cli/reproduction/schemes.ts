import type { Column } from '../../io/csv.ts';
import { isTriplet, pairingSchemes, schemeRules } from '../../stdp/pairing-schemes.ts';
import type { PairingScheme } from '../../stdp/spec.ts';
import type { ExperimentResult } from '../experiment.ts';
import { type Claim, type NetChange, netChange } from './claims.ts';

/** The two experiments that tell whether a pairing scheme follows the rate rule. */
export interface SchemeResults {
  /** The paper's experiment under the scheme. */
  readonly paper: ExperimentResult;
  /** The same with a constant postsynaptic rate, where the rate rule changes nothing. */
  readonly constantRate: ExperimentResult;
}

/** How a pairing scheme compares with the rate rule. */
export interface SchemeComparison {
  readonly scheme: PairingScheme;
  readonly pairsPerSpike: number;
  /** Correlations with the rate rule over cells and over 25 bins of them (STDP paper Fig. 2 right), and the line. */
  readonly raw: number | null;
  readonly binned: number | null;
  readonly slope: number | null;
  readonly intercept: number | null;
  /** At a constant postsynaptic rate. */
  readonly net: NetChange;
  /** The binned correlation is at least 0.98, and a constant postsynaptic rate gives no net change. */
  readonly follows: boolean;
}

const SMALLEST_CORRELATION = 0.98;
/** Net change over its standard error. */
const LARGEST_Z = 4;

/**
 * Whether the rule for spikes before is the mirror image of that for spikes after. Constant rates then give as much
 * potentiation as depression, and what is left is the rate of change. Triplets are none: those of two postsynaptic spikes
 * potentiate, those of two presynaptic ones depress.
 */
function isMirrored(scheme: PairingScheme): boolean {
  const { after, before } = schemeRules[scheme];
  return !isTriplet(scheme) && after.pre === before.pre && after.post === before.post;
}

/** Why a scheme that is no mirror image does not follow the rate rule. */
function reasonAgainst(scheme: PairingScheme): string {
  return isTriplet(scheme)
    ? 'triplets of two postsynaptic spikes potentiate, so a constant postsynaptic rate changes the weight.'
    : 'presynaptic spikes hide pairs on one side, postsynaptic spikes on the other, so constant rates that differ change the weight.';
}

/** Compares every scheme whose two experiments are finished. */
export function compareSchemes(results: Readonly<Partial<Record<PairingScheme, SchemeResults>>>): SchemeComparison[] {
  return pairingSchemes.flatMap((scheme) => {
    const result = results[scheme];
    return result ? [compare(scheme, result)] : [];
  });
}

function compare(scheme: PairingScheme, { paper, constantRate }: SchemeResults): SchemeComparison {
  const { correlation, fit } = paper.agreement;
  const net = netChange(constantRate);
  return {
    scheme,
    pairsPerSpike: paper.curve.pairs / paper.curve.presynapticSpikes,
    raw: correlation.raw,
    binned: correlation.binned,
    slope: fit?.slope ?? null,
    intercept: fit?.intercept ?? null,
    net,
    follows: (correlation.binned ?? 0) >= SMALLEST_CORRELATION && Math.abs(net.z) < LARGEST_Z,
  };
}

/** That a scheme follows the rate rule if it is its own mirror image, and does not if it is not. */
export function claimScheme(comparison: SchemeComparison): Claim {
  const { scheme, binned, raw, slope, net, follows } = comparison;
  const expected = isMirrored(scheme);
  const text = (value: number | null) => value?.toFixed(4) ?? '–';
  const change = `${net.mean.toExponential(1)} ± ${net.standardError.toExponential(1)}, of ${net.gross.toExponential(1)} in absolute value`;
  return {
    statement: expected
      ? `${scheme} pairing follows the rate rule: binned correlation at least ${SMALLEST_CORRELATION}, no net change at a constant postsynaptic rate.`
      : `${scheme} pairing does not follow the rate rule: ${reasonAgainst(scheme)}`,
    source: 'this project’s finding: the STDP paper has nearest-exclusive only',
    found: `binned ${text(binned)}, raw ${text(raw)}, slope ${text(slope)}; at a constant rate ${change} per presynaptic spike`,
    holds: follows === expected,
  };
}

/** The columns of `schemes.csv`. */
export function schemeColumns(comparisons: readonly SchemeComparison[]): Column[] {
  const numbers = (name: string, value: (comparison: SchemeComparison) => number | null): Column => ({
    name,
    values: comparisons.map(value),
  });
  return [
    { name: 'scheme', values: comparisons.map(({ scheme }) => scheme) },
    numbers('pairs_per_pre_spike', ({ pairsPerSpike }) => pairsPerSpike),
    numbers('correlation_raw', ({ raw }) => raw),
    numbers('correlation_binned', ({ binned }) => binned),
    numbers('slope', ({ slope }) => slope),
    numbers('intercept', ({ intercept }) => intercept),
    numbers('net_at_constant_rate', ({ net }) => net.mean),
    numbers('net_at_constant_rate_se', ({ net }) => net.standardError),
    numbers('gross_at_constant_rate', ({ net }) => net.gross),
    { name: 'follows_rate_rule', values: comparisons.map(({ follows }) => (follows ? 'yes' : 'no')) },
  ];
}
