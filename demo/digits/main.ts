import { type DigitPlayer, digitPlayer, loadDigits } from '../../src/generative/digit-player.ts';
import modelUrl from './digits.bin?url';
import { Pad } from './pad.ts';
import { paint } from './paint.ts';

/** Milliseconds that a round stays before the next. */
const ROUND_MS = 350;
/** Rounds of filling in, as in the paper. */
const INPAINT_ROUNDS = 20;

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const status = element<HTMLParagraphElement>('status');
const stage = element<HTMLElement>('digits');

let running = 0;

/** Shows images as they come, until something else is started. */
async function play(
  images: Iterator<Float32Array>,
  rounds: number,
  show: (image: Float32Array, round: number) => void,
) {
  const run = ++running;
  for (let round = 0; round <= rounds; round++) {
    const { value, done } = images.next();
    if (done || run !== running) return;
    show(value, round);
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    if (run !== running) return;
  }
}

function startGenerating(player: DigitPlayer): void {
  const frames = [...document.querySelectorAll<HTMLCanvasElement>('#rounds canvas')];
  const seed = Math.floor(Math.random() * 2 ** 32);
  for (const frame of frames) paint(frame, undefined);
  void play(player.generate(seed), frames.length - 1, (image, round) => {
    paint(frames[round]!, image);
    status.textContent = round === 0 ? 'Sample of the directed model' : `After round ${round} of encoding and decoding`;
  });
}

function startFilling(player: DigitPlayer, pad: Pad): void {
  const result = element<HTMLCanvasElement>('filled');
  const seed = Math.floor(Math.random() * 2 ** 32);
  void play(player.inpaint(pad.pixels(), pad.visible(), seed), INPAINT_ROUNDS, (image, round) => {
    paint(result, image);
    status.textContent = round === 0 ? 'Noise in place of what is missing' : `Round ${round} of ${INPAINT_ROUNDS}`;
  });
}

async function start(): Promise<void> {
  const player = digitPlayer(await loadDigits(modelUrl));
  const pad = new Pad(element<HTMLCanvasElement>('pad'), player.imageShape);
  const tool = () => (element<HTMLInputElement>('erase').checked ? 'erase' : 'draw');
  pad.tool = tool;
  element('new-sample').addEventListener('click', () => startGenerating(player));
  element('fill').addEventListener('click', () => startFilling(player, pad));
  element('clear').addEventListener('click', () => pad.clear());
  element('left').addEventListener('click', () => pad.hide((_, column) => column < player.imageShape[1] / 2));
  element('bottom').addEventListener('click', () => pad.hide((row) => row >= player.imageShape[0] / 2));
  element('scatter').addEventListener('click', () => pad.hide(() => Math.random() < 0.5));
  element('load').addEventListener('click', () => {
    const images = [...player.generate(Math.floor(Math.random() * 2 ** 32))];
    pad.load(images.at(-1)!);
  });
  for (const button of document.querySelectorAll('button')) button.disabled = false;
  element('load').click();
  startGenerating(player);
  stage.dataset.state = 'ready';
}

start().catch((error: unknown) => {
  stage.dataset.state = 'failed';
  status.textContent = `The model cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
});
