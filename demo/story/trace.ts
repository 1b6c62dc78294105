import '../../src/element/index.ts';
import type { TraceDetail } from '../../src/element/index.ts';
import { StdpTrace } from '../../src/element/trace-element.ts';
import { element } from '../elements.ts';
import { Story } from './story.ts';

const figure = element('figure', StdpTrace);
const story = new Story(figure, 'trace', ({ sequence, trial }) => [
  ['sequence', String(sequence)],
  ['trial', String(trial)],
]);
figure.addEventListener('stdp-trace', (event) => {
  const { sequence, trial } = (event as CustomEvent<TraceDetail>).detail.trace;
  story.changeView({ sequence, trial }, 'trial');
});
void story.open();
