import type { Tallies } from '../tallies.ts';
import { copyTallies } from './copy-tallies.ts';
import type { Journal } from './journal.ts';
import { JournalPoints } from './journal-points.ts';
import type { PointOutcome } from './outcome.ts';

/** A journal that lasts as long as it is referred to: for sweeps that need not outlive their process or tab. */
export function memoryJournal(): Journal {
  const points = new JournalPoints();
  const outcomes = new Map<number, PointOutcome>();
  const tallies = new Map<number, Tallies>();
  return {
    finished: points.finished,
    partial: points.partial,
    readOutcome: async (point) => {
      points.require('finished', point);
      return structuredClone(outcomes.get(point)!);
    },
    readPartial: async (point) => {
      points.require('partial', point);
      return copyTallies(tallies.get(point)!);
    },
    append: async (entries) => {
      for (const entry of entries) {
        if (!points.note(entry.kind, entry.point)) continue;
        if (entry.kind === 'finished') {
          outcomes.set(entry.point, structuredClone(entry.outcome));
          tallies.delete(entry.point);
        } else {
          tallies.set(entry.point, copyTallies(entry.tallies));
        }
      }
    },
    close: async () => undefined,
  };
}
