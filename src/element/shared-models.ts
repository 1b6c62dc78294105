import type { DigitPlayer } from '../generative/digit-player.ts';

/** A model that is ready to be shown. */
export interface LoadedModel {
  readonly player: DigitPlayer;
  /** Rounds of encoding and decoding after the directed sample. */
  readonly rounds: number;
}

/** A model that elements of the page use, and how many do. */
interface SharedModel {
  readonly loading: Promise<LoadedModel>;
  users: number;
}

const models = new Map<string, SharedModel>();

/** The model that one element uses, fetched once for all that use the same. */
export class ModelUse {
  #address: string | undefined;

  /** Absolute; `undefined` where there is none, or where the last could not be had. */
  get address(): string | undefined {
    return this.#address;
  }

  /** Takes the model of an address in place of the one before. @throws Error that says what to do where it cannot be had */
  async take(address: string): Promise<LoadedModel> {
    const loading = acquireModel(address);
    this.end();
    this.#address = address;
    try {
      return await loading;
    } catch (error) {
      // The next attempt fetches anew.
      if (this.#address === address) this.end();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `No model at ${address} (${reason}). Serve the file that \`stdp-webgpu generative export\` wrote, from this origin or with CORS.`,
      );
    }
  }

  /** Uses it no longer. */
  end(): void {
    if (this.#address !== undefined) releaseModel(this.#address);
    this.#address = undefined;
  }
}

/**
 * The model at an address, fetched once for all the elements that use it. What computes it is loaded with
 * the first.
 *
 * @param address absolute
 */
export function acquireModel(address: string): Promise<LoadedModel> {
  const shared = models.get(address) ?? { loading: load(address), users: 0 };
  shared.users++;
  models.set(address, shared);
  return shared.loading;
}

/** The model is forgotten with its last user. */
export function releaseModel(address: string): void {
  const shared = models.get(address);
  if (shared && --shared.users === 0) models.delete(address);
}

async function load(address: string): Promise<LoadedModel> {
  const { digitPlayer, loadDigits } = await import('../generative/digit-player.ts');
  const model = await loadDigits(address);
  return { player: digitPlayer(model), rounds: model.generation.rounds };
}
