import { element } from '../elements.ts';
import { type Choice, Controls, type Range, type Settings } from './controls.ts';
import { type Device, openDevice } from './device.ts';

/** What a page computes out of its controls. */
export interface LiveWork {
  readonly controls: readonly (Range | Choice)[];
  /**
   * Computes and shows what the settings ask for.
   *
   * @returns whether it came to its end before the signal
   */
  compute(settings: Settings, device: Device, signal: AbortSignal): Promise<boolean>;
  /** What is shown is no longer what the settings ask for. */
  outdate(): void;
  /** What the page says it computes on; default: the device's name. */
  nameOf?(device: Device): string;
}

/** A slider that moves is waited for. */
const SETTLING_MS = 150;

/**
 * A page of controls, a device and what is computed on it: `main` has the states `starting`, `waiting`, `computing`,
 * `done` and `failed` in `data-state`.
 *
 * @returns its controls, as soon as they are there
 */
export function openLivePage(main: HTMLElement, work: LiveWork): Controls {
  const text = (id: string) => element(id, HTMLElement);
  let running = new AbortController();
  let settling: ReturnType<typeof setTimeout> | undefined;
  /** Runs follow each other: a device computes one thing at a time. */
  let last: Promise<unknown> = Promise.resolve();

  const opening = openDevice(location.search).then((device) => {
    main.dataset.runtime = device.kind;
    text('adapter').textContent = work.nameOf?.(device) ?? device.name;
    text('banner').hidden = device.reason === '';
    text('banner-text').textContent = device.reason;
    return device;
  });
  const run = async (settings: Settings, signal: AbortSignal) => {
    const device = await opening;
    if (signal.aborted) return;
    main.dataset.state = 'computing';
    text('problem').hidden = true;
    if (await work.compute(settings, device, signal)) main.dataset.state = 'done';
  };
  const start = (settings: Settings) => {
    running = new AbortController();
    const { signal } = running;
    last = last.then(() => run(settings, signal)).catch(showProblem);
  };
  const showProblem = (error: unknown) => {
    main.dataset.state = 'failed';
    text('problem').hidden = false;
    text('problem-text').textContent = error instanceof Error ? error.message : String(error);
  };
  const controls = new Controls(text('controls-place'), work.controls, (settings) => {
    clearTimeout(settling);
    running.abort();
    main.dataset.state = 'waiting';
    work.outdate();
    settling = setTimeout(() => start(settings), SETTLING_MS);
  });
  element('reset', HTMLButtonElement).addEventListener('click', () => controls.reset());
  start(controls.settings);
  return controls;
}
