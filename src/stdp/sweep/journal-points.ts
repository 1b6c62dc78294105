/** Which points a journal holds: an outcome outdates the tallies of its point, whatever the order they come in. */
export class JournalPoints {
  readonly finished = new Set<number>();
  readonly partial = new Set<number>();

  /** Takes note of an entry. @returns whether it is the one that counts for its point. */
  note(kind: 'finished' | 'partial', point: number): boolean {
    if (kind === 'finished') {
      this.finished.add(point);
      this.partial.delete(point);
      return true;
    }
    if (this.finished.has(point)) return false;
    this.partial.add(point);
    return true;
  }

  /** @throws RangeError if the journal holds no such entry. */
  require(kind: 'finished' | 'partial', point: number): void {
    if (!this[kind].has(point)) throw new RangeError(`the journal holds no ${kind} point ${point}`);
  }
}
