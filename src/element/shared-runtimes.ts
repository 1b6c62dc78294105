import { GpuContext } from '../gpu/context.ts';
import { cpuRuntime, gpuRuntime, openRuntime, type Runtime } from '../live/runtime.ts';
import type { WantedRuntime } from '../live/runtime-choice.ts';

/** What nobody uses is kept so long: an element that is moved in the page leaves it and comes back. */
const LINGER_MS = 2000;

/** One runtime of a kind for all the elements of a page, there as long as one of them uses it. */
export class SharedRuntime {
  readonly #open: () => Promise<Runtime>;
  readonly #users = new Map<object, (reason: string) => void>();
  #runtime: Promise<Runtime> | undefined;
  #closing: ReturnType<typeof setTimeout> | undefined;

  constructor(open: () => Promise<Runtime>) {
    this.#open = open;
  }

  /** The runtime, for a user that was not one before or has seen it lost. Its `lost` holds nothing of a user that left. */
  async acquire(user: object): Promise<Runtime> {
    clearTimeout(this.#closing);
    const lost = new Promise<string>((resolve) => {
      this.#users.set(user, resolve);
    });
    return { ...(await this.#current()), lost };
  }

  release(user: object): void {
    if (!this.#users.delete(user) || this.#users.size > 0) return;
    clearTimeout(this.#closing);
    this.#closing = setTimeout(() => {
      const runtime = this.#runtime;
      this.#runtime = undefined;
      void runtime?.then(({ close }) => close());
    }, LINGER_MS);
  }

  #current(): Promise<Runtime> {
    if (this.#runtime) return this.#runtime;
    const opening = this.#open();
    this.#runtime = opening;
    void opening.then(async (runtime) => {
      const reason = await runtime.lost;
      // One that was closed because nobody used it is no loss.
      if (this.#runtime !== opening) return;
      this.#runtime = undefined;
      for (const lose of [...this.#users.values()]) lose(reason);
    });
    return opening;
  }
}

let device: GPUDevice | undefined;

/**
 * Lets the elements of this page compute on a device of the page's own, which stays the page's. To be called before the
 * first of them is in the document.
 */
export function useDevice(ofPage: GPUDevice): void {
  device = ofPage;
}

/** What elements compute with, by their attribute `runtime`. */
export const sharedRuntimes: Readonly<Record<WantedRuntime, SharedRuntime>> = {
  auto: new SharedRuntime(async () => own() ?? openRuntime('auto')),
  gpu: new SharedRuntime(async () => own() ?? openRuntime('gpu')),
  cpu: new SharedRuntime(async () => cpuRuntime('', false)),
};

function own(): Runtime | undefined {
  return device && gpuRuntime(GpuContext.borrow(device));
}
