import type { ExperimentPlan } from '../plan.ts';
import { recordedTrials } from '../recorded.ts';
import { loadedRules } from '../rule/load-rules.ts';
import type { RulePlan } from '../rule/plan-rule.ts';
import type { RuleTallies } from '../rule/rule-tallies.ts';
import { emptyTallies, type Region, type Tallies } from '../tallies.ts';
import type { Command, RowExport } from './core.ts';
import { layOutTile, type ModuleSizes, recordedTrialsPerCall, type TileLayout } from './layout.ts';

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
    const { recording, spec } = this.#plan;
    const room = recording ? recordedTrialsPerCall(this.#plan, this.region) : Number.POSITIVE_INFINITY;
    const most = Math.max(1, Math.min(room, Math.floor(TRIAL_STEPS_PER_CALL / spec.steps)));
    const commands: Command[] = [];
    for (let done = 0; done < count; done += most) {
      const here = Math.min(most, count - done);
      if (recording) commands.push(this.#writeRecording(recording, first + done, here));
      commands.push(this.rows('runTrials', first + done, here));
    }
    return commands;
  }

  #writeRecording(recording: Uint32Array, first: number, count: number): Command {
    const { firstSequence, sequences } = this.region;
    const wordsOfRow = count * this.#plan.words * 2;
    const data = new Uint32Array(sequences * wordsOfRow);
    for (let row = 0; row < sequences; row++) {
      data.set(recordedTrials(recording, this.#plan, firstSequence + row, first, count), row * wordsOfRow);
    }
    return { do: 'write', tile: this.#tile, at: this.#layout.extents.recording.at, data };
  }

  /** Reads what {@link talliesOf} takes. */
  tally(): Command[] {
    return [this.rows('tally'), ...this.results.map((name) => this.read(name))];
  }

  /** What is read of the part. */
  get results(): readonly (keyof TileLayout['extents'])[] {
    const { rule, triplet } = this.#plan;
    return [...TALLIES, ...(triplet ? (['tripletSums'] as const) : []), ...(rule ? COUNTED : [])];
  }

  /** @param read results of {@link tally} */
  talliesOf(read: readonly ArrayBuffer[], trials: number): Tallies {
    const names = this.results;
    if (read.length !== names.length) throw new RangeError(`${read.length} results of ${names.length}`);
    const bytes = (name: (typeof names)[number]) => read[names.indexOf(name)]!;
    const { rule, triplet } = this.#plan;
    return {
      ...emptyTallies({ ...this.region, sequences: 0 }, this.#plan.bins),
      region: this.region,
      trials,
      preSpikes: new Uint32Array(bytes('preSpikes')),
      postSpikes: new Uint32Array(bytes('postSpikes')),
      pairs: new Uint32Array(bytes('pairs')),
      rateSums: new BigInt64Array(bytes('rateSums')),
      spikeSums: new BigInt64Array(bytes('spikeSums')),
      cellRates: new Int32Array(bytes('cellRates')),
      cellPairs: new BigInt64Array(bytes('cellPairs')),
      ...(triplet ? { tripletSums: new BigInt64Array(bytes('tripletSums')) } : {}),
      ...(rule ? { rule: this.#tallyRule(rule, COUNTED.map(bytes)) } : {}),
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
