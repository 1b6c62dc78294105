import type { Journal, JournalEntry, JournalIdentity } from '../../src/stdp/sweep/journal.ts';
import type { PointOutcome } from '../../src/stdp/sweep/outcome.ts';
import { sameTallies, type Tallies } from '../../src/stdp/tallies.ts';

export const identity: JournalIdentity = {
  sweep: '{"base":{"trials":100},"axes":{"pre.tau":[1,2]}}',
  version: '1.2.3',
};

/** Numbers that are the same for the same point and trials; the whole range of each array is used. */
export function talliesOf(point: number, trials: number, cells = 3): Tallies {
  const numbers = (n: number) =>
    Array.from({ length: n }, (_, index) => Math.imul(point * 31 + trials + index, 2654435761));
  const long = (n: number) => BigInt64Array.from(numbers(n), (number) => BigInt(number) * 2n ** 31n - 1n);
  return {
    region: { firstSequence: point, sequences: 1, firstStep: 2, steps: cells },
    trials,
    pairs: Uint32Array.from(numbers(3)),
    rateSums: long(3),
    spikeSums: long(3),
    cellRates: Int32Array.from(numbers(cells)),
    cellPairs: long(cells),
    preSpikes: Uint32Array.from(numbers(1)),
    postSpikes: Uint32Array.from(numbers(1)),
  };
}

export function outcomeOf(point: number, trials: number): PointOutcome {
  return {
    trials,
    converged: point % 2 === 0,
    measures: { area_plus: { value: (point + 1) / 3, se: null }, pairs: { value: trials * 7, se: 0 } },
    curve: null,
  };
}

export function partial(point: number, trials: number, cells?: number): JournalEntry {
  return { kind: 'partial', point, tallies: talliesOf(point, trials, cells) };
}

export function finished(point: number, trials: number): JournalEntry {
  return { kind: 'finished', point, outcome: outcomeOf(point, trials) };
}

/** What is wrong with a journal that should hold these entries, the later ones counting. */
export async function differenceFrom(journal: Journal, entries: readonly JournalEntry[]): Promise<string | undefined> {
  const last = new Map(entries.map((entry) => [entry.point, entry]));
  for (const kind of ['finished', 'partial'] as const) {
    const list = (points: Iterable<number>) => [...points].sort((a, b) => a - b).join(' ');
    const wanted = list([...last.values()].filter((entry) => entry.kind === kind).map(({ point }) => point));
    if (list(journal[kind]) !== wanted) return `${kind}: ${list(journal[kind])} instead of ${wanted}`;
  }
  for (const entry of last.values()) {
    if (entry.kind === 'finished') {
      const read = JSON.stringify(await journal.readOutcome(entry.point));
      if (read !== JSON.stringify(entry.outcome)) return `point ${entry.point}: ${read}`;
    } else {
      const read = await journal.readPartial(entry.point);
      const sameRegion = JSON.stringify(read.region) === JSON.stringify(entry.tallies.region);
      if (!sameRegion || !sameTallies(read, entry.tallies)) return `the tallies of point ${entry.point} differ`;
    }
  }
  return undefined;
}
