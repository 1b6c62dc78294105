import type { Tile } from '../engine.ts';
import type { ExperimentPlan } from '../plan.ts';
import type { SpikeTrains } from '../spikes.ts';
import { emptyTallies, type Rates, type Region, type Tallies } from '../tallies.ts';
import type { Command, RowExport } from './core.ts';
import { layOutTile, type ModuleSizes, type TileLayout } from './layout.ts';
import { divideRegion, type PartPlan, shareOfTrials } from './parts.ts';
import type { Thread } from './thread.ts';

/** Trial-steps of one sequence between two pauses of the calling thread. */
const TRIAL_STEPS_PER_CALL = 2 ** 22;

interface Part extends PartPlan {
  readonly thread: Thread;
  readonly layout: TileLayout;
}

/** One region of an experiment, divided among threads. */
export class FastTile implements Tile {
  readonly region: Region;
  readonly #plan: ExperimentPlan;
  readonly #parts: readonly Part[];
  /** Name of this tile on its threads. */
  readonly #tile: number;
  #trials = 0;

  private constructor(plan: ExperimentPlan, region: Region, parts: readonly Part[], tile: number) {
    this.region = region;
    this.#plan = plan;
    this.#parts = parts;
    this.#tile = tile;
  }

  /** @param tile a number that no other open tile of these threads has. */
  static async open(
    plan: ExperimentPlan,
    region: Region,
    threads: readonly Thread[],
    sizes: ModuleSizes,
    tile: number,
  ): Promise<FastTile> {
    const parts = divideRegion(region, threads.length).map((part, index) => ({
      ...part,
      thread: threads[index]!,
      layout: layOutTile(plan, part.region, sizes),
    }));
    const opened = new FastTile(plan, region, parts, tile);
    try {
      await opened.#onEveryPart((part) => [
        { do: 'open', tile, bytes: part.layout.size },
        ...part.layout.writes.map((write) => ({ do: 'write', tile, ...write }) as const),
        { do: 'call', tile, name: 'fillBinTable', address: part.layout.tile, args: [] },
        opened.#rows(part, 'prepare', part.layout.drawn),
      ]);
      return opened;
    } catch (error) {
      opened.destroy();
      throw error;
    }
  }

  async runTrials(first: number, count: number): Promise<void> {
    const most = Math.max(1, Math.floor(TRIAL_STEPS_PER_CALL / this.#plan.spec.steps));
    await this.#onEveryPart((part) => {
      const share = shareOfTrials(part, first, count);
      const calls: Command[] = [];
      for (let done = 0; done < share.count; done += most) {
        calls.push(this.#rows(part, 'runTrials', share.first + done, Math.min(most, share.count - done)));
      }
      return calls;
    });
    this.#trials = Math.max(this.#trials, first + count);
  }

  async readTallies(): Promise<Tallies> {
    const names = ['preSpikes', 'postSpikes', 'pairs', 'rateSums', 'spikeSums', 'cellRates', 'cellPairs'] as const;
    const read = await this.#onEveryPart((part) => [
      this.#rows(part, 'tally'),
      ...names.map((name) => this.#read(part, name)),
    ]);
    const tallies = { ...emptyTallies(this.region, this.#plan.bins), trials: this.#trials };
    this.#parts.forEach((part, index) => {
      const [preSpikes, postSpikes, pairs, rateSums, spikeSums, cellRates, cellPairs] = read[index]!;
      const row = part.region.firstSequence - this.region.firstSequence;
      const bin = row * this.#plan.bins;
      const cell = row * this.region.steps;
      tallies.cellRates.set(new Int32Array(cellRates!), cell);
      addCounts(tallies.preSpikes, new Uint32Array(preSpikes!), row, part);
      addCounts(tallies.postSpikes, new Uint32Array(postSpikes!), row, part);
      addCounts(tallies.pairs, new Uint32Array(pairs!), bin, part);
      addSums(tallies.rateSums, new BigInt64Array(rateSums!), bin, part);
      addSums(tallies.spikeSums, new BigInt64Array(spikeSums!), bin, part);
      addSums(tallies.cellPairs, new BigInt64Array(cellPairs!), cell, part);
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
    // Where trials are divided, every part has the same rates.
    const read = await this.#onEveryPart((part) =>
      part.index > 0 ? [] : [this.#rows(part, 'probabilities'), ...names.map((name) => this.#read(part, name))],
    );
    this.#parts.forEach((part, index) => {
      if (part.index > 0) return;
      const row = part.region.firstSequence - firstSequence;
      names.forEach((name, field) => {
        rates[name].set(new Uint32Array(read[index]![field]!), row * (rates[name].length / sequences));
      });
    });
    return rates;
  }

  async readSpikes(sequence: number, trial: number): Promise<SpikeTrains> {
    const holds = ({ region }: Part) =>
      sequence >= region.firstSequence && sequence < region.firstSequence + region.sequences;
    const part = this.#parts.find(holds)!;
    const { tile, extents } = part.layout;
    const args = [sequence - part.region.firstSequence, trial, extents.preTrain.at, extents.postTrain.at];
    const [pre, post] = await part.thread.run([
      { do: 'call', tile: this.#tile, name: 'sampleTrial', address: tile, args },
      this.#read(part, 'preTrain'),
      this.#read(part, 'postTrain'),
    ]);
    return { pre: new Uint32Array(pre!), post: new Uint32Array(post!) };
  }

  destroy(): void {
    // A thread that is gone has freed everything.
    this.#onEveryPart(() => [{ do: 'close', tile: this.#tile }]).catch(() => undefined);
  }

  /** Runs the commands of each part on its thread; what is read of each. */
  async #onEveryPart(commandsOf: (part: Part) => readonly Command[]): Promise<ArrayBuffer[][]> {
    // All are waited for, so that nothing is running when the first error is thrown.
    const settled = await Promise.allSettled(this.#parts.map((part) => part.thread.run(commandsOf(part))));
    return settled.map((part) => {
      if (part.status === 'rejected') throw part.reason;
      return part.value;
    });
  }

  #rows({ region, layout }: Part, name: RowExport, ...args: number[]): Command {
    return { do: 'rows', tile: this.#tile, name, address: layout.tile, from: 0, to: region.sequences, args };
  }

  #read({ layout }: Part, name: keyof TileLayout['extents']): Command {
    return { do: 'read', tile: this.#tile, ...layout.extents[name] };
  }
}

/** Puts the counts of a part in place; parts that divide the trials add up. */
function addCounts(into: Uint32Array, counts: Uint32Array, at: number, { of }: Part): void {
  if (of === 1) into.set(counts, at);
  else for (let index = 0; index < counts.length; index++) into[at + index]! += counts[index]!;
}

function addSums(into: BigInt64Array, sums: BigInt64Array, at: number, { of }: Part): void {
  if (of === 1) into.set(sums, at);
  else for (let index = 0; index < sums.length; index++) into[at + index]! += sums[index]!;
}
