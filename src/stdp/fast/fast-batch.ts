import type { Shard } from '../engine.ts';
import { type Tallies, wholeRegion } from '../tallies.ts';
import type { Command } from './core.ts';
import type { ModuleSizes } from './layout.ts';
import { Part } from './part.ts';
import type { Thread } from './thread.ts';

/** Trial-steps in one message to a thread, a twentieth of a second: small shards go together, and the signal is seen. */
const TRIAL_STEPS_PER_MESSAGE = 2 ** 26;
/** Memory that a message and its results may take. */
const SHARDS_PER_MESSAGE = 64;

/**
 * Runs shards on threads, each from start to end on one thread, which takes the next ones when it is done.
 *
 * @param nextTile gives numbers that no open tile of these threads has.
 * @returns `undefined` where the signal came first
 */
export async function runFastBatch(
  shards: readonly Shard[],
  threads: readonly Thread[],
  sizes: ModuleSizes,
  nextTile: () => number,
  signal: AbortSignal | undefined,
): Promise<readonly Tallies[] | undefined> {
  const results: Tallies[] = [];
  let next = 0;
  const runNext = async (thread: Thread): Promise<void> => {
    const first = next;
    next = endOfMessage(shards, first);
    const members = shards.slice(first, next).map((shard) => ({
      shard,
      part: new Part(shard.plan, wholeRegion(shard.plan, 0, shard.plan.spec.sequences), sizes, nextTile()),
    }));
    const commands = members.flatMap(({ shard: { firstTrial, endTrial }, part }): Command[] => [
      ...part.open(),
      ...part.runTrials(firstTrial, endTrial - firstTrial),
      ...part.tally(),
      ...part.close(),
    ]);
    const read = await thread.run(commands);
    let at = 0;
    members.forEach(({ shard, part }, member) => {
      const mine = read.slice(at, at + part.results);
      at += part.results;
      results[first + member] = part.talliesOf(mine, shard.endTrial - shard.firstTrial);
    });
  };
  // A thread has its next message before it is done with one, so that it does not wait for it.
  const work = async (thread: Thread) => {
    const sent: Promise<void>[] = [];
    try {
      while (next < shards.length && !signal?.aborted) {
        if (sent.length === 2) await sent.shift();
        else sent.push(runNext(thread));
      }
    } finally {
      await Promise.allSettled(sent);
    }
    await Promise.all(sent);
  };
  // All are waited for, so that nothing is running when the first error is thrown.
  const settled = await Promise.allSettled(threads.map(work));
  for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
  return signal?.aborted && next < shards.length ? undefined : results;
}

function endOfMessage(shards: readonly Shard[], first: number): number {
  let end = first;
  let work = 0;
  while (end < shards.length && end - first < SHARDS_PER_MESSAGE && work < TRIAL_STEPS_PER_MESSAGE) {
    work += trialSteps(shards[end]!);
    end++;
  }
  return end;
}

function trialSteps({ plan: { spec }, firstTrial, endTrial }: Shard): number {
  return spec.sequences * spec.steps * (endTrial - firstTrial);
}

/** Whether shards keep all threads busy when each runs on one of them. */
export function keepBusy(shards: readonly Shard[], threads: number): boolean {
  const total = shards.reduce((sum, shard) => sum + trialSteps(shard), 0);
  const largest = shards.reduce((most, shard) => Math.max(most, trialSteps(shard)), 0);
  return threads === 1 || (largest <= TRIAL_STEPS_PER_MESSAGE && largest * threads <= total / 2);
}
