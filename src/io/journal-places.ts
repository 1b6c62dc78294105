import { JournalPoints } from '../stdp/sweep/journal-points.ts';
import type { FrameKind } from './journal-frames.ts';

/** A frame in a journal file, in bytes. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Where the frames that count stand in a journal file. */
export class JournalPlaces {
  readonly points = new JournalPoints();
  // Two maps of numbers take less memory than one of objects, and there may be millions of points.
  readonly #offsets = new Map<number, number>();
  readonly #lengths = new Map<number, number>();
  #bytes = 0;

  /** Bytes of all frames that count. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes note of a frame, in the order of the file. */
  note(kind: Exclude<FrameKind, 'identity'>, point: number, { offset, length }: Place): void {
    if (!this.points.note(kind, point)) return;
    this.#bytes += length - (this.#lengths.get(point) ?? 0);
    this.#offsets.set(point, offset);
    this.#lengths.set(point, length);
  }

  /** The frame of a point that has one. */
  of(point: number): Place {
    return { offset: this.#offsets.get(point)!, length: this.#lengths.get(point)! };
  }

  /** Stretches of the file that hold the frames that count, in the order of the file and each as long as may be. */
  stretches(): Place[] {
    const merged: { offset: number; length: number }[] = [];
    for (const point of this.#inOrder()) {
      const { offset, length } = this.of(point);
      const last = merged.at(-1);
      if (last && last.offset + last.length === offset) last.length += length;
      else merged.push({ offset, length });
    }
    return merged;
  }

  /** Takes note that the frames stand one after the other from `start` on, in their order. */
  moveTogether(start: number): void {
    let offset = start;
    for (const point of this.#inOrder()) {
      this.#offsets.set(point, offset);
      offset += this.#lengths.get(point)!;
    }
  }

  #inOrder(): number[] {
    return [...this.#offsets.keys()].sort((a, b) => this.#offsets.get(a)! - this.#offsets.get(b)!);
  }
}
