/** Where an {@link EngineError} comes from; stable, for programs that react to errors. */
export type ErrorCode =
  /** A spec (or another input file) is not acceptable. */
  | 'invalid-spec'
  /** A command-line flag or a library option is not acceptable. */
  | 'invalid-option'
  /** A file or folder cannot be read, written or reused. */
  | 'file'
  /** WebGPU or the runtime that was asked for is not there. */
  | 'unavailable'
  /** A shader does not compile; a bug, or an adapter that is not up to the standard. */
  | 'shader'
  /** The device has no memory left for a buffer. */
  | 'out-of-memory'
  /** The device was lost in the middle of the work. */
  | 'device-lost'
  /** The work was aborted by its `AbortSignal`. */
  | 'aborted'
  /** A state or a weight of a network is no longer finite. */
  | 'diverged'
  /** The closed-form check says that the sampler is wrong. */
  | 'check-failed';

/** What an {@link EngineError} can say beside its message. */
export interface ErrorDetails {
  /** The place at fault: a path in a spec (`post.epsilon`), a flag (`--chunk`), a file. */
  readonly path?: string;
  /** The value seen there. */
  readonly value?: unknown;
  /** What would be accepted instead. */
  readonly expected?: string;
  readonly cause?: unknown;
}

/** The one error class of the engine: says what was wrong, where, and what would be right. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: ErrorCode;
  readonly path: string | undefined;
  readonly value: unknown;
  readonly expected: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.path = details.path;
    this.value = details.value;
    this.expected = details.expected;
  }
}
