import type { ExperimentPlan } from '../plan.ts';
import { recordedTrials } from '../recorded.ts';
import { loadedRules } from '../rule/load-rules.ts';
import type { RulePlan } from '../rule/plan-rule.ts';
import type { RuleTallies } from '../rule/rule-tallies.ts';
import type { Region, Tallies } from '../tallies.ts';
import type { Command, RowExport } from './core.ts';
import { type Extent, layOutTile, type ModuleSizes, recordedTrialsPerCall, type TileLayout } from './layout.ts';

/** Trial-steps of one sequence between two pauses of the calling thread. */
const TRIAL_STEPS_PER_CALL = 2 ** 22;

/** What a user's rule is evaluated from. */
const COUNTED = ['preStates', 'postStates', 'histogram'] as const;

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
    const counted = this.#plan.rule ? COUNTED : [];
    const read = { do: 'read', tile: this.#tile, ...this.#tallies } as const;
    return [this.rows('tally'), read, ...counted.map((name) => this.read(name))];
  }

  /** How many results {@link tally} has. */
  get results(): number {
    return this.#plan.rule ? 1 + COUNTED.length : 1;
  }

  /** All tallies at once. */
  get #tallies(): Extent {
    const { preSpikes, tripletSums } = this.#layout.extents;
    return { at: preSpikes.at, bytes: tripletSums.at + tripletSums.bytes - preSpikes.at };
  }

  /** @param read results of {@link tally} */
  talliesOf(read: readonly ArrayBuffer[], trials: number): Tallies {
    const [tallies, ...counted] = read;
    if (!tallies || read.length !== this.results) throw new RangeError(`${read.length} results of ${this.results}`);
    const { extents } = this.#layout;
    const first = this.#tallies.at;
    const words = <A>(array: new (buffer: ArrayBuffer, at: number, length: number) => A, name: keyof typeof extents) =>
      new array(tallies, extents[name].at - first, extents[name].bytes / 4);
    const sums = (name: keyof typeof extents) =>
      new BigInt64Array(tallies, extents[name].at - first, extents[name].bytes / 8);
    const { rule, triplet } = this.#plan;
    return {
      region: this.region,
      trials,
      preSpikes: words(Uint32Array, 'preSpikes'),
      postSpikes: words(Uint32Array, 'postSpikes'),
      pairs: words(Uint32Array, 'pairs'),
      rateSums: sums('rateSums'),
      spikeSums: sums('spikeSums'),
      cellRates: words(Int32Array, 'cellRates'),
      cellPairs: sums('cellPairs'),
      ...(triplet ? { tripletSums: sums('tripletSums') } : {}),
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
