import '../../src/element/index.ts';
import { DigitGenerator } from '../../src/element/digit-element.ts';
import { acquireModel } from '../../src/element/shared-models.ts';
import type { DigitPlayer } from '../../src/generative/digit-player.ts';
import { element } from '../elements.ts';
import modelUrl from './digits.bin?url';
import { startFilling } from './filling.ts';
import { keepSample } from './keep-sample.ts';
import { Pad } from './pad.ts';

const stage = element('digits', HTMLElement);
const button = (id: string) => element(id, HTMLButtonElement);
const address = new URL(modelUrl, document.baseURI).href;

const generator = element('generator', DigitGenerator);
generator.setAttribute('seed', new URLSearchParams(location.hash.slice(1)).get('seed') ?? '1');
generator.setAttribute('src', address);
keepSample(generator, address);

/** The other half of the page: what is erased, and how the model fills it in. */
function openBench(player: DigitPlayer): void {
  const [rows, columns] = player.imageShape;
  const pad = new Pad(element('pad', HTMLCanvasElement), player.imageShape);
  pad.tool = () => (element('erase', HTMLInputElement).checked ? 'erase' : 'draw');
  const share = element('share', HTMLInputElement);
  const showShare = () => {
    const { min, max, value, valueAsNumber } = share;
    element('share-value', HTMLOutputElement).value = `${value} %`;
    const place = (valueAsNumber - Number(min)) / (Number(max) - Number(min));
    share.style.setProperty('--share', `${100 * place}%`);
  };
  const loadDigit = (seed: number) => pad.load([...player.generate(seed)].at(-1)!);
  const acts: Readonly<Record<string, () => void>> = {
    fill: () => startFilling(player, pad),
    clear: () => pad.clear(),
    left: () => pad.hide((_, column) => column < columns / 2),
    bottom: () => pad.hide((row) => row >= rows / 2),
    scatter: () => pad.hide(() => Math.random() < share.valueAsNumber / 100),
    load: () => loadDigit(Math.floor(Math.random() * 2 ** 32)),
  };
  for (const [id, act] of Object.entries(acts)) {
    button(id).addEventListener('click', act);
    button(id).disabled = false;
  }
  share.addEventListener('input', () => {
    showShare();
    acts.scatter?.();
  });
  share.disabled = false;
  showShare();
  loadDigit(generator.seed);
  acts.bottom?.();
  acts.fill?.();
}

try {
  openBench((await acquireModel(address)).player);
  stage.dataset.state = 'ready';
} catch (error) {
  stage.dataset.state = 'failed';
  const reason = error instanceof Error ? error.message : String(error);
  element('status', HTMLElement).textContent = `The model cannot be loaded: ${reason}`;
}
