import type { DigitGenerator } from '../../src/element/digit-element.ts';
import { element } from '../elements.ts';
import { elementCode } from '../embed.ts';
import { copy, specJson } from '../keep.ts';
import { saveBlob } from '../save.ts';

const button = (id: string) => element(id, HTMLButtonElement);

/** What a reader takes along of a generator's sample; the address holds its seed. @param model address of the model */
export function keepSample(generator: DigitGenerator, model: string): void {
  generator.addEventListener('stdp-digit', () => {
    const { seed } = generator;
    const hash = seed === 1 ? '' : `#seed=${seed}`;
    history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);
    for (const id of ['download-png', 'download-csv']) button(id).disabled = false;
  });
  addEventListener('hashchange', () => {
    generator.setAttribute('seed', new URLSearchParams(location.hash.slice(1)).get('seed') ?? '1');
  });
  const attributes = () =>
    [
      ['src', model],
      ['seed', String(generator.seed)],
      ['controls', ''],
    ] as const;
  button('copy-link').addEventListener('click', () => void copy('Link', location.href));
  button('copy-embed').addEventListener(
    'click',
    () => void copy('Embed code', elementCode('digit-generator', attributes())),
  );
  button('copy-spec').addEventListener('click', () => void copy('Spec', specJson({ setting: 'walked', seed: 1 })));
  button('download-png').addEventListener('click', async () => {
    const sheet = await generator.png();
    if (sheet) saveBlob(sheet, `sample-${generator.seed}.png`);
  });
  button('download-csv').addEventListener('click', () => {
    const csv = generator.csv();
    if (csv) saveBlob(new Blob([csv], { type: 'text/csv' }), `sample-${generator.seed}.csv`);
  });
}
