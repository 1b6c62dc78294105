import { wgsl } from 'wgsl-preprocessor/wgsl-preprocessor.js';
import { EngineError } from '../errors.ts';

/** One WGSL file (or a generated piece) of a shader. */
export interface ShaderPiece {
  /** Path shown in compile errors, such as `shaders/stdp/drive.wgsl`. */
  readonly file: string;
  readonly text: string;
}

/** Preprocessed WGSL with the origin of every line. */
export interface ShaderSource {
  readonly code: string;
  /** Where a line of `code` (counted from 1) comes from. */
  origin(line: number): { readonly file: string; readonly line: number; readonly text: string } | undefined;
}

/** Values of the names that `#if NAME` and `#elif NAME` test. */
export type ShaderSwitches = Readonly<Record<string, boolean>>;

/** Marks a line with its origin while the preprocessor drops others. */
const ORIGIN_MARK = '//@';
/** A condition, on a line of its own. */
const CONDITION = /^[ \t]*#(if|elif)[ \t]+(\w+)[ \t]*$/gm;
const DIRECTIVE = /^\s*#((if|elif)[ \t]+\w+|else|endif)\s*$/;

/**
 * Joins pieces into one shader and resolves their `#if NAME … #elif NAME … #else … #endif`.
 *
 * @throws EngineError `shader` for a name that has no switch, for unbalanced and for unknown directives.
 */
export function preprocess(pieces: readonly ShaderPiece[], switches: ShaderSwitches = {}): ShaderSource {
  const lines = pieces.flatMap((piece, index) =>
    resolve(mark(piece, index), switches, piece.file)
      .split('\n')
      .flatMap((line) => {
        const at = line.lastIndexOf(ORIGIN_MARK);
        if (at < 0) return [];
        const [, number] = line.slice(at + ORIGIN_MARK.length).split(':');
        return [{ text: line.slice(0, at), file: piece.file, line: Number(number) }];
      }),
  );
  return {
    code: `${lines.map(({ text }) => text).join('\n')}\n`,
    origin: (line) => lines[line - 1],
  };
}

/** Appends its origin to every line that is not a directive. */
function mark({ file, text }: ShaderPiece, piece: number): string {
  return text
    .split(/\r?\n/)
    .map((line, index) => {
      if (!/^\s*#/.test(line)) return `${line}${ORIGIN_MARK}${piece}:${index + 1}`;
      if (DIRECTIVE.test(line)) return line.trim();
      const expected = '#if NAME, #elif NAME, #else or #endif';
      throw new EngineError('shader', `${file}:${index + 1}: "${line.trim()}" is no directive; expected ${expected}`, {
        path: file,
        value: line.trim(),
        expected,
      });
    })
    .join('\n');
}

/** Hands a file to wgsl-preprocessor, which is a template tag: the text split at the values of its conditions. */
function resolve(text: string, switches: ShaderSwitches, file: string): string {
  const strings: string[] = [];
  const values: boolean[] = [];
  let from = 0;
  for (const match of text.matchAll(CONDITION)) {
    const [whole, keyword, name] = match;
    const value = Object.hasOwn(switches, name!) ? switches[name!] : undefined;
    if (value === undefined) {
      throw new EngineError('shader', `${file}: no switch named ${name} is given`, { path: file, value: name });
    }
    strings.push(`${text.slice(from, match.index)}#${keyword} `);
    values.push(value);
    from = match.index + whole.length;
  }
  strings.push(text.slice(from));
  try {
    return wgsl(strings, ...values);
  } catch (cause) {
    throw new EngineError('shader', `${file}: ${cause instanceof Error ? cause.message : cause}`, {
      path: file,
      cause,
    });
  }
}
