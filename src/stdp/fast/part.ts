import type { ExperimentPlan } from '../plan.ts';
import { loadedRules } from '../rule/load-rules.ts';
import type { RulePlan } from '../rule/plan-rule.ts';
import type { RuleTallies } from '../rule/rule-tallies.ts';
import { emptyTallies, type Region, type Tallies } from '../tallies.ts';
import type { Command, RowExport } from './core.ts';
import { layOutTile, type ModuleSizes, type TileLayout } from './layout.ts';

/** Trial-steps of one sequence between two pauses of the calling thread. */
const TRIAL_STEPS_PER_CALL = 2 ** 22;

/** What a user's rule is evaluated from. */
const COUNTED = ['preStates', 'postStates', 'histogram'] as const;

const TALLIES = ['preSpikes', 'postSpikes', 'pairs', 'rateSums', 'spikeSums', 'cellRates', 'cellPairs'] as const;

/** A region in the memory of one thread, and the commands that work on it. */
export class Part {
  readonly region: Region;
  readonly #plan: ExperimentPlan;
  readonly #layout: TileLayout;
  readonly #tile: number;

  /** @param tile a number that no other open part of the thread has. */
  constructor(plan: ExperimentPlan, region: Region, sizes: ModuleSizes, tile: number) {
    this.region = region;
    this.#plan = plan;
    this.#layout = layOutTile(plan, region, sizes);
    this.#tile = tile;
  }

  /** Takes memory and draws the rates. */
  open(): Command[] {
    const { size, writes, tile, drawn } = this.#layout;
    return [
      { do: 'open', tile: this.#tile, bytes: size },
      ...writes.map((write) => ({ do: 'write', tile: this.#tile, ...write }) as const),
      { do: 'call', tile: this.#tile, name: 'fillBinTable', address: tile, args: [] },
      this.rows('prepare', drawn),
    ];
  }

  runTrials(first: number, count: number): Command[] {
    const most = Math.max(1, Math.floor(TRIAL_STEPS_PER_CALL / this.#plan.spec.steps));
    const commands: Command[] = [];
    for (let done = 0; done < count; done += most) {
      commands.push(this.rows('runTrials', first + done, Math.min(most, count - done)));
    }
    return commands;
  }

  /** Reads what {@link talliesOf} takes. */
  tally(): Command[] {
    const forRule = this.#plan.rule ? COUNTED.map((name) => this.read(name)) : [];
    return [this.rows('tally'), ...TALLIES.map((name) => this.read(name)), ...forRule];
  }

  /** @param read results of {@link tally} */
  talliesOf(read: readonly ArrayBuffer[], trials: number): Tallies {
    const [preSpikes, postSpikes, pairs, rateSums, spikeSums, cellRates, cellPairs, ...counted] = read;
    const { rule } = this.#plan;
    const expected = TALLIES.length + (rule ? COUNTED.length : 0);
    if (read.length !== expected) throw new RangeError(`${read.length} results of ${expected}`);
    return {
      ...emptyTallies({ ...this.region, sequences: 0 }, this.#plan.bins),
      region: this.region,
      trials,
      preSpikes: new Uint32Array(preSpikes!),
      postSpikes: new Uint32Array(postSpikes!),
      pairs: new Uint32Array(pairs!),
      rateSums: new BigInt64Array(rateSums!),
      spikeSums: new BigInt64Array(spikeSums!),
      cellRates: new Int32Array(cellRates!),
      cellPairs: new BigInt64Array(cellPairs!),
      ...(rule ? { rule: this.#tallyRule(rule, counted) } : {}),
    };
  }

  #tallyRule(rule: RulePlan, [preStates, postStates, histogram]: readonly ArrayBuffer[]): RuleTallies {
    return loadedRules().tallyRule(rule, this.#plan, {
      region: this.region,
      preStates: new Int32Array(preStates!),
      postStates: new Int32Array(postStates!),
      histogram: new Uint32Array(histogram!),
    });
  }

  /** Draws one trial; its trains are the results. `sequence` counts from the start of the region. */
  sample(sequence: number, trial: number): Command[] {
    const { tile, extents } = this.#layout;
    const args = [sequence, trial, extents.preTrain.at, extents.postTrain.at];
    return [
      { do: 'call', tile: this.#tile, name: 'sampleTrial', address: tile, args },
      this.read('preTrain'),
      this.read('postTrain'),
    ];
  }

  rows(name: RowExport, ...args: number[]): Command {
    return {
      do: 'rows',
      tile: this.#tile,
      name,
      address: this.#layout.tile,
      from: 0,
      to: this.region.sequences,
      args,
    };
  }

  read(name: keyof TileLayout['extents']): Command {
    return { do: 'read', tile: this.#tile, ...this.#layout.extents[name] };
  }

  close(): Command[] {
    return [{ do: 'close', tile: this.#tile }];
  }
}
