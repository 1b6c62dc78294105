import type { ExperimentSpec } from '../src/index.ts';
import type { Picture } from '../src/live/run.ts';
import type { Runtime } from '../src/live/runtime.ts';
import { countText, element, roughText } from './elements.ts';

function write(id: string, text: string): void {
  element(id, HTMLElement).textContent = text;
}

/** Writes a picture's numbers, and how much of its experiment is in it. */
export function showNumbers(spec: ExperimentSpec, { tallies, curve, trialStepsPerSecond }: Picture): void {
  const of = (done: number, all: number) => (done < all ? `${countText(done)} of ${countText(all)}` : countText(all));
  const sequences = of(tallies.region.sequences, spec.sequences);
  write('size', `${sequences} sequences × ${countText(spec.steps)} steps × ${of(tallies.trials, spec.trials)} trials`);
  write('pairs', countText(curve.pairs));
  write('presynaptic-spikes', countText(curve.presynapticSpikes));
  write('speed', roughText(trialStepsPerSecond));
}

/** There is no experiment that numbers could be of. */
export function clearNumbers(): void {
  for (const id of ['pairs', 'presynaptic-spikes', 'speed', 'correlation']) write(id, '–');
  write('size', '');
}

/**
 * What the reader has to know of the runtime: nothing on a GPU that was not lost.
 *
 * @param lostBefore why the last device went away
 * @param wanted the experiment that was asked for, of which `computed` may be the first sequences and trials only
 */
export function runtimeMessage(
  runtime: Runtime,
  lostBefore: string | undefined,
  wanted: ExperimentSpec,
  computed: ExperimentSpec,
): { readonly message: string; readonly reduced: boolean } {
  const onCpu = runtime.kind === 'cpu';
  const reduced = onCpu && (computed.sequences < wanted.sequences || computed.trials < wanted.trials);
  const sentences: string[] = [];
  if (lostBefore !== undefined) {
    sentences.push(`The GPU device was lost (${lostBefore.replace(/\.$/, '')}).`);
    if (!onCpu) sentences.push('Another one has taken over, and the experiment was started again.');
  }
  if (onCpu && runtime.reason !== '') {
    sentences.push(runtime.reason, 'The same experiment runs on the CPU, with the same numbers.');
  }
  if (reduced) {
    sentences.push(
      `It is reduced to the first ${countText(computed.sequences)} of ${countText(wanted.sequences)} sequences and ` +
        `the first ${countText(computed.trials)} of ${countText(wanted.trials)} trials.`,
    );
  }
  return { message: sentences.join(' '), reduced };
}
