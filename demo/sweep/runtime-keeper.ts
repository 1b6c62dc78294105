import { engineRunner, type ShardRunner } from '../../src/index.ts';
import { openRuntime, type Runtime } from '../../src/live/runtime.ts';
import type { WantedRuntime } from '../../src/live/runtime-choice.ts';

/** Opens the runtime when it is needed, and again after it was lost. */
export class RuntimeKeeper {
  readonly #wanted: WantedRuntime;
  readonly #onOpen: (runtime: Runtime) => void;
  #open: Promise<Runtime> | undefined;

  constructor(wanted: WantedRuntime, onOpen: (runtime: Runtime) => void) {
    this.#wanted = wanted;
    this.#onOpen = onOpen;
  }

  /** What computes shards; closing it ends the runtime, and the next runner has another one. */
  async runner(): Promise<ShardRunner> {
    this.#open ??= openRuntime(this.#wanted);
    const opening = this.#open;
    const runtime = await opening;
    this.#onOpen(runtime);
    return engineRunner(runtime.batchEngine, () => {
      if (this.#open === opening) this.#open = undefined;
      runtime.close();
    });
  }
}
