import { addInPlace } from '../../numeric/int64.ts';
import type { Tile } from '../engine.ts';
import type { ExperimentPlan } from '../plan.ts';
import { recordedTrials, trainsOf } from '../recorded.ts';
import { emptyRuleTallies } from '../rule/rule-tallies.ts';
import type { SpikeTrains } from '../spikes.ts';
import { addCounts, emptyTallies, type Rates, type Region, type Tallies } from '../tallies.ts';
import type { Command } from './core.ts';
import type { ModuleSizes } from './layout.ts';
import { Part } from './part.ts';
import { divideRegion, type PartPlan, shareOfTrials } from './parts.ts';
import type { Thread } from './thread.ts';

/** What one thread has of a tile. */
interface Share extends PartPlan {
  readonly thread: Thread;
  readonly part: Part;
}

/** One region of an experiment, divided among threads. */
export class FastTile implements Tile {
  readonly region: Region;
  readonly #plan: ExperimentPlan;
  readonly #shares: readonly Share[];
  #trials = 0;

  private constructor(plan: ExperimentPlan, region: Region, shares: readonly Share[]) {
    this.region = region;
    this.#plan = plan;
    this.#shares = shares;
  }

  /** @param tile a number that no other open tile of these threads has. */
  static async open(
    plan: ExperimentPlan,
    region: Region,
    threads: readonly Thread[],
    sizes: ModuleSizes,
    tile: number,
  ): Promise<FastTile> {
    const shares = divideRegion(region, threads.length).map((share, index) => ({
      ...share,
      thread: threads[index]!,
      part: new Part(plan, share.region, sizes, tile),
    }));
    const opened = new FastTile(plan, region, shares);
    try {
      await opened.#onEveryThread(({ part }) => part.open());
      return opened;
    } catch (error) {
      opened.destroy();
      throw error;
    }
  }

  async runTrials(first: number, count: number): Promise<void> {
    await this.#onEveryThread((share) => {
      const trials = shareOfTrials(share, first, count);
      return share.part.runTrials(trials.first, trials.count);
    });
    this.#trials += count;
  }

  async readTallies(): Promise<Tallies> {
    const read = await this.#onEveryThread(({ part }) => part.tally());
    const { sequences, steps } = this.region;
    const { bins } = this.#plan;
    const tallies = {
      ...emptyTallies(this.region, bins),
      trials: this.#trials,
      ...(this.#plan.rule ? { rule: emptyRuleTallies(sequences, steps, bins) } : {}),
      ...(this.#plan.triplet ? { tripletSums: new BigInt64Array(sequences * bins) } : {}),
    };
    this.#shares.forEach((share, index) => {
      const part = share.part.talliesOf(read[index]!, this.#trials);
      const row = share.region.firstSequence - this.region.firstSequence;
      const bin = row * this.#plan.bins;
      const cell = row * this.region.steps;
      tallies.cellRates.set(part.cellRates, cell);
      // Shares that divide the trials add up.
      addCounts(tallies.preSpikes, part.preSpikes, row);
      addCounts(tallies.postSpikes, part.postSpikes, row);
      addCounts(tallies.pairs, part.pairs, bin);
      addInPlace(tallies.rateSums, part.rateSums, bin);
      addInPlace(tallies.spikeSums, part.spikeSums, bin);
      addInPlace(tallies.cellPairs, part.cellPairs, cell);
      if (tallies.tripletSums && part.tripletSums) addInPlace(tallies.tripletSums, part.tripletSums, bin);
      if (tallies.rule && part.rule) {
        addInPlace(tallies.rule.binSums, part.rule.binSums, bin);
        addInPlace(tallies.rule.cellSums, part.rule.cellSums, cell);
      }
    });
    return tallies;
  }

  async readRates(): Promise<Rates> {
    const { firstSequence, sequences } = this.region;
    const { steps } = this.#plan.spec;
    const rates: Rates = {
      firstSequence,
      sequences,
      preStates: new Int32Array(sequences * (steps + 1)),
      postStates: new Int32Array(sequences * (steps + 1)),
      preProbabilities: new Uint32Array(sequences * steps),
      postProbabilities: new Uint32Array(sequences * steps),
    };
    const names = ['preStates', 'postStates', 'preProbabilities', 'postProbabilities'] as const;
    // Where trials are divided, every thread has the same rates.
    const read = await this.#onEveryThread(({ index, part }) =>
      index > 0 ? [] : [part.rows('probabilities'), ...names.map((name) => part.read(name))],
    );
    this.#shares.forEach(({ index, region }, share) => {
      if (index > 0) return;
      const row = region.firstSequence - firstSequence;
      names.forEach((name, field) => {
        rates[name].set(new Uint32Array(read[share]![field]!), row * (rates[name].length / sequences));
      });
    });
    return rates;
  }

  async readSpikes(sequence: number, trial: number): Promise<SpikeTrains> {
    const { recording } = this.#plan;
    if (recording) return trainsOf(recordedTrials(recording, this.#plan, sequence, trial, 1));
    const holds = ({ region }: Share) =>
      sequence >= region.firstSequence && sequence < region.firstSequence + region.sequences;
    const { thread, region, part } = this.#shares.find(holds)!;
    const [pre, post] = await thread.run(part.sample(sequence - region.firstSequence, trial));
    return { pre: new Uint32Array(pre!), post: new Uint32Array(post!) };
  }

  destroy(): void {
    // A thread that is gone has freed everything.
    this.#onEveryThread(({ part }) => part.close()).catch(() => undefined);
  }

  /** Runs the commands of each share on its thread; what is read of each. */
  async #onEveryThread(commandsOf: (share: Share) => readonly Command[]): Promise<ArrayBuffer[][]> {
    // All are waited for, so that nothing is running when the first error is thrown.
    const settled = await Promise.allSettled(this.#shares.map((share) => share.thread.run(commandsOf(share))));
    return settled.map((share) => {
      if (share.status === 'rejected') throw share.reason;
      return share.value;
    });
  }
}
