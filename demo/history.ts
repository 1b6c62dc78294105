/** Changes of one control that follow each other within this time are one step of the browser's history. */
const GESTURE_MS = 1000;
/** Browsers refuse addresses that change many times a second. */
const REWRITE_MS = 250;

/** Keeps the address in step with the page: one entry of the history for every gesture. */
export class AddressBar {
  #gesture = '';
  #lastChange = 0;
  #pending: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param hash the part of the address after the page's own, with `#`, or empty.
   * @param gesture what changed: equal ones within a second are one gesture, as when a slider is dragged.
   */
  write(hash: string, gesture: string): void {
    const now = performance.now();
    const continued = gesture === this.#gesture && now - this.#lastChange < GESTURE_MS;
    this.#gesture = gesture;
    this.#lastChange = now;
    if (continued) {
      this.#pending = hash;
      this.#timer ??= setTimeout(() => this.flush(), REWRITE_MS);
      return;
    }
    this.flush();
    if (hash !== location.hash) history.pushState(null, '', addressWith(hash));
  }

  /** Writes at once what waits to be written. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending !== undefined) history.replaceState(null, '', addressWith(this.#pending));
    this.#pending = undefined;
  }

  /** Forgets what waits, because the reader went to another entry of the history. */
  reset(): void {
    this.#pending = undefined;
    this.#gesture = '';
    this.flush();
  }
}

function addressWith(hash: string): string {
  return `${location.pathname}${location.search}${hash}`;
}
