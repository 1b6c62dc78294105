import type { DigitPlayer } from '../../src/generative/digit-player.ts';
import { element } from '../elements.ts';
import type { Pad } from './pad.ts';
import { paint } from './paint.ts';

/** Milliseconds that a round stays before the next. */
const ROUND_MS = 350;
/** Rounds of filling in, as in the paper. */
const ROUNDS = 20;

let running = 0;

/** Shows how the model fills in what is missing on the pad, round by round, until it is started again. */
export async function startFilling(player: DigitPlayer, pad: Pad): Promise<void> {
  const run = ++running;
  const seed = Math.floor(Math.random() * 2 ** 32);
  let round = 0;
  for (const image of player.inpaint(pad.pixels(), pad.visible(), seed)) {
    paint(element('filled', HTMLCanvasElement), image);
    element('status', HTMLElement).textContent =
      round === 0 ? 'Noise in place of what is missing' : `Round ${round} of ${ROUNDS}`;
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    if (run !== running || round++ === ROUNDS) return;
  }
}
