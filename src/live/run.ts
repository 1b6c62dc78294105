import { curveOf } from '../stdp/curve.ts';
import type { Engine, Tile } from '../stdp/engine.ts';
import type { ExperimentPlan } from '../stdp/plan.ts';
import type { Curve } from '../stdp/results.ts';
import type { TrialRecord } from '../stdp/simulate.ts';
import { tileRegions } from '../stdp/simulate.ts';
import type { Rates, Region, Tallies } from '../stdp/tallies.ts';
import { joinTallies } from '../stdp/tallies.ts';

/** An experiment in full, smaller than the one that is asked for until it is finished. */
export interface Picture {
  readonly tallies: Tallies;
  readonly curve: Curve;
  readonly finished: boolean;
  /** Part of the work that is done, 0 … 1. */
  readonly progress: number;
  readonly trialStepsPerSecond: number;
}

/** A dispatch aims at this: the page answers within it, on any adapter. */
const DISPATCH_MS = 50;
/** Trial-steps of the first dispatch: an instant on a software adapter too, and enough for a curve. */
const FIRST_DISPATCH = 2 ** 20;
/** Sequences of a preview: a tenth of the default experiment, to open, run and read in some 40 ms on a CPU. */
const PREVIEW_SEQUENCES = 60;
/** A run that another one replaces still shows its first picture if that takes no longer. */
const GRACE_MS = 400;
/** Pictures are at least this far apart; reading and drawing one never takes more than a third of the time. */
const PICTURE_MS = 120;

/**
 * One experiment that is being run. It holds at most one tile, and all use of the tile goes through one queue: between
 * two dispatches of trials there is room for {@link rates} and {@link trial}.
 */
export class Run {
  readonly plan: ExperimentPlan;
  readonly #engine: Engine;
  readonly #regions: readonly Region[];
  readonly #abort = new AbortController();
  #tail: Promise<unknown> = Promise.resolve();
  #tile: Tile | undefined;
  #rates: Promise<readonly Rates[]> | undefined;
  #pictures = 0;
  #superseded = false;
  /** Settles when work may go on. */
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

  constructor(engine: Engine, plan: ExperimentPlan) {
    this.#engine = engine;
    this.plan = plan;
    this.#regions = tileRegions(plan, engine.largestRegion(plan));
  }

  get stopped(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Whether another experiment has been asked for since. */
  get superseded(): boolean {
    return this.#superseded;
  }

  /** No further dispatch and no further picture. */
  stop(): void {
    this.#superseded = true;
    this.#abort.abort();
    this.resume();
  }

  /**
   * Makes way for another run: at once if this one has shown a picture, else as soon as it has. Without that first
   * picture the figure would stand still for as long as a slider is being moved.
   */
  supersede(): void {
    this.#superseded = true;
    if (this.#pictures > 0) this.stop();
    else setTimeout(() => this.stop(), GRACE_MS);
  }

  /** No further dispatch of trials until {@link resume}. */
  pause(): void {
    if (this.#gate) return;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gate = { opened, open };
  }

  resume(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** Stops, waits for the work under way and frees the tile. */
  async close(): Promise<void> {
    this.stop();
    await this.#tail;
    this.#tile?.destroy();
    this.#tile = undefined;
  }

  /**
   * Runs all trials, a small dispatch first and larger ones after it.
   *
   * @param preview show a picture of the first sequences alone before a tile of all of them is opened.
   * @throws what {@link stop} or the engine throws.
   */
  async start(onPicture: (picture: Picture) => void, preview: boolean): Promise<void> {
    const { spec, firstPaired, pairedSteps } = this.plan;
    const show = (picture: Picture) => {
      onPicture(picture);
      this.#pictures++;
      if (this.#superseded) this.stop();
    };
    if (preview) await this.#preview(show);

    const total = this.#regions.length * spec.trials;
    const finished: Tallies[] = [];
    let work = 0;
    let busyMs = 0;
    let chunkSteps = FIRST_DISPATCH;
    let nextPicture = 0;

    for (const [index, region] of this.#regions.entries()) {
      const stepsPerTrial = region.sequences * spec.steps;
      const lastOfSequence = region.firstStep + region.steps === firstPaired + pairedSteps;
      for (let first = 0; first < spec.trials; ) {
        await this.#gate?.opened;
        const count = Math.max(1, Math.min(spec.trials - first, Math.floor(chunkSteps / stepsPerTrial)));
        const ms = await this.#withTile(region, async (tile) => {
          const started = performance.now();
          await tile.runTrials(first, count);
          return performance.now() - started;
        });
        first += count;
        work += count * stepsPerTrial;
        busyMs += ms;
        chunkSteps = Math.min((count * stepsPerTrial * DISPATCH_MS) / Math.max(ms, 0.1), 4 * chunkSteps);

        const tileDone = first === spec.trials;
        // Of a later tile, part of the trials is no experiment together with the tiles before it.
        const partial = index === 0 && lastOfSequence && performance.now() >= nextPicture;
        if (!tileDone && !partial) continue;
        const readingSince = performance.now();
        const tallies = await this.#withTile(region, (tile) => tile.readTallies());
        const parts = [...finished, tallies];
        if (tileDone) finished.push(tallies);
        if (!lastOfSequence) continue;
        const joined = this.#joined(parts);
        show({
          tallies: joined,
          curve: curveOf(joined, this.plan),
          finished: tileDone && index === this.#regions.length - 1,
          progress: (index * spec.trials + first) / total,
          trialStepsPerSecond: (work / Math.max(busyMs, 0.1)) * 1000,
        });
        const now = performance.now();
        nextPicture = now + Math.max(PICTURE_MS, 2 * (now - readingSince));
      }
    }
  }

  /** A picture of the first sequences, where there are so many more that it is worth its time. */
  async #preview(show: (picture: Picture) => void): Promise<void> {
    const { plan } = this;
    const [first] = this.#regions;
    const stepsPerTrial = PREVIEW_SEQUENCES * plan.spec.steps;
    if (!first || first.sequences < 2 * PREVIEW_SEQUENCES || stepsPerTrial > FIRST_DISPATCH) return;
    const count = Math.min(plan.spec.trials, Math.floor(FIRST_DISPATCH / stepsPerTrial));
    const { tallies, ms } = await this.#withTile({ ...first, sequences: PREVIEW_SEQUENCES }, async (tile) => {
      const started = performance.now();
      await tile.runTrials(0, count);
      return { ms: performance.now() - started, tallies: await tile.readTallies() };
    });
    show({
      tallies,
      curve: curveOf(tallies, plan),
      finished: false,
      progress: 0,
      trialStepsPerSecond: ((count * stepsPerTrial) / Math.max(ms, 0.1)) * 1000,
    });
  }

  /** The rates of all sequences. */
  rates(): Promise<readonly Rates[]> {
    this.#rates ??= (async () => {
      const ofWhole = this.#regions.filter(({ firstStep }) => firstStep === this.plan.firstPaired);
      const rates: Rates[] = [];
      for (const region of ofWhole) rates.push(await this.#withTile(region, (tile) => tile.readRates()));
      return rates;
    })();
    return this.#rates;
  }

  /** Spikes and activities of one trial. */
  async trial(sequence: number, trial: number): Promise<TrialRecord> {
    const rates = await this.rates();
    const holds = ({ firstSequence, sequences }: { firstSequence: number; sequences: number }) =>
      sequence >= firstSequence && sequence < firstSequence + sequences;
    const region = this.#regions.find(holds);
    const part = rates.find(holds);
    if (!region || !part) throw new Error(`there is no sequence ${sequence}`);
    const width = this.plan.spec.steps + 1;
    const row = (states: Int32Array) =>
      states.slice((sequence - part.firstSequence) * width, (sequence - part.firstSequence + 1) * width);
    const spikes = await this.#withTile(region, (tile) => tile.readSpikes(sequence, trial));
    return { sequence, trial, spikes, preStates: row(part.preStates), postStates: row(part.postStates) };
  }

  /** Takes its turn at the tile of a region, which is opened if another one is open. */
  #withTile<T>(region: Region, use: (tile: Tile) => Promise<T>): Promise<T> {
    const turn = this.#tail.then(async () => {
      this.#abort.signal.throwIfAborted();
      if (this.#tile?.region !== region) {
        this.#tile?.destroy();
        this.#tile = undefined;
        this.#tile = await this.#engine.openTile(this.plan, region);
        this.#abort.signal.throwIfAborted();
      }
      const result = await use(this.#tile);
      this.#abort.signal.throwIfAborted();
      return result;
    });
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  #joined(parts: readonly Tallies[]): Tallies {
    const { firstPaired: firstStep, pairedSteps: steps, bins } = this.plan;
    const sequences = Math.max(...parts.map(({ region }) => region.firstSequence + region.sequences));
    return joinTallies(parts, { firstSequence: 0, sequences, firstStep, steps }, bins);
  }
}
