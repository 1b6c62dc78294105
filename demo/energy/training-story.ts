import type { LearningRule } from '../../src/energy/training/settings.ts';
import { type EpochErrors, trainingErrorFigure } from '../../src/figures/training-error.ts';
import { countText, element } from '../elements.ts';
import { FigurePanel } from '../figure-panel.ts';
import type { Reply, Request } from './messages.ts';

/** The part of the page where a network is trained on the reader's own files. */
export class TrainingStory {
  readonly #files = element('files', HTMLInputElement);
  readonly #rule = element('rule', HTMLSelectElement);
  readonly #train = element('train', HTMLButtonElement);
  readonly #stop = element('stop', HTMLButtonElement);
  readonly #progress = element('progress', HTMLProgressElement);
  readonly #status = element('status', HTMLElement);
  readonly #problem = element('problem', HTMLElement);
  readonly #chart = new FigurePanel(element('errors', HTMLElement));
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'training' });
  #epochs: EpochErrors[] = [];
  #adapter = '';

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => this.#hear(data));
    this.#worker.addEventListener('error', ({ message }) =>
      this.#refuse(`The worker could not be started. ${message}`),
    );
    this.#files.addEventListener('change', () => {
      const count = this.#files.files?.length ?? 0;
      this.#train.disabled = count === 0;
      this.#status.textContent = count === 0 ? 'No files yet.' : `${count} ${count === 1 ? 'file' : 'files'} chosen.`;
      this.#problem.hidden = true;
    });
    this.#train.addEventListener('click', () => this.#start());
    this.#stop.addEventListener('click', () => this.#ask({ type: 'stop' }));
    this.#draw();
  }

  #ask(request: Request): void {
    this.#worker.postMessage(request);
  }

  #start(): void {
    this.#epochs = [];
    this.#problem.hidden = true;
    this.#draw();
    this.#busy(true);
    this.#status.textContent = 'Reading the files.';
    this.#ask({ type: 'train', files: [...(this.#files.files ?? [])], rule: this.#rule.value as LearningRule });
  }

  #hear(reply: Reply): void {
    switch (reply.type) {
      case 'started':
        this.#adapter = reply.adapter;
        this.#status.textContent = `${countText(reply.examples)} images, on ${reply.adapter}.`;
        break;
      case 'progress':
        this.#progress.value = reply.share;
        this.#status.textContent = `Epoch ${reply.epoch}: ${percent(reply.error)} wrong so far, on ${this.#adapter}.`;
        break;
      case 'epoch':
        this.#epochs.push(reply.errors);
        this.#draw();
        break;
      case 'stopped':
        this.#busy(false);
        this.#status.textContent = this.#summary();
        break;
      case 'refused':
        this.#refuse(reply.message);
    }
  }

  #summary(): string {
    const last = this.#epochs.at(-1);
    if (!last) return 'Stopped before an epoch was finished.';
    return `After ${last.epoch} ${last.epoch === 1 ? 'epoch' : 'epochs'} ${percent(last.test_error)} of the test images are wrong.`;
  }

  #refuse(message: string): void {
    this.#busy(false);
    this.#problem.hidden = false;
    this.#problem.textContent = message;
    this.#status.textContent = '';
  }

  #busy(busy: boolean): void {
    this.#train.hidden = busy;
    this.#stop.hidden = !busy;
    this.#files.disabled = busy;
    this.#rule.disabled = busy;
    if (!busy) this.#progress.value = 0;
  }

  #draw(): void {
    const epochs = [...this.#epochs];
    element('errors', HTMLElement).hidden = epochs.length === 0;
    this.#chart.show((width) => trainingErrorFigure(epochs, { width }));
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
