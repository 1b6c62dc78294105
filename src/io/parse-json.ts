import { EngineError } from '../errors.ts';

/**
 * Parses the text of a JSON file; a byte-order mark is tolerated.
 *
 * @param fileName named in errors.
 * @throws EngineError `invalid-spec` with file, line and column (from 1) of the first character that cannot stand there.
 */
export function parseJson(text: string, fileName: string): unknown {
  const json = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(json);
  } catch (cause) {
    // The offset is found here because engines word their messages differently, and some leave the offset out.
    const { offset, expected } = firstFault(json);
    const before = json.slice(0, offset).split('\n');
    const path = `${fileName}, line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    const character = json[offset];
    const seen = character === undefined ? 'the end of the file' : JSON.stringify(character);
    const message = `${path}: ${seen} is not JSON here; expected ${expected}`;
    throw new EngineError('invalid-spec', message, { path, value: character, expected, cause });
  }
}

interface Fault {
  readonly offset: number;
  readonly expected: string;
}

type State = 'value' | 'value or ]' | 'key' | 'key or }' | 'after value';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Where a text stops being JSON. Walks with its own stack, so that deep nesting is no problem. */
function firstFault(text: string): Fault {
  const closers: ('}' | ']')[] = [];
  let state: State = 'value';
  let offset = 0;
  for (;;) {
    offset = skipSpace(text, offset);
    const character = text[offset];
    if (state === 'after value') {
      const closer = closers.at(-1);
      if (closer === undefined) return { offset, expected: 'nothing after the end' };
      if (character === closer) closers.pop();
      else if (character === ',') state = closer === '}' ? 'key' : 'value';
      else return { offset, expected: `, or ${closer}` };
      offset++;
    } else if ((state === 'key or }' && character === '}') || (state === 'value or ]' && character === ']')) {
      closers.pop();
      state = 'after value';
      offset++;
    } else if (state === 'key' || state === 'key or }') {
      if (character !== '"') return { offset, expected: `a key in double quotes${state === 'key' ? '' : ' or }'}` };
      const end = stringEnd(text, offset);
      if (typeof end !== 'number') return end;
      offset = skipSpace(text, end);
      if (text[offset] !== ':') return { offset, expected: ': after the key' };
      state = 'value';
      offset++;
    } else if (character === '{' || character === '[') {
      closers.push(character === '{' ? '}' : ']');
      state = character === '{' ? 'key or }' : 'value or ]';
      offset++;
    } else {
      const end =
        character === '"'
          ? stringEnd(text, offset)
          : (matchEnd(NUMBER, text, offset) ?? matchEnd(LITERAL, text, offset));
      if (end === undefined) return { offset, expected: `a ${state}` };
      if (typeof end !== 'number') return end;
      state = 'after value';
      offset = end;
    }
  }
}

function skipSpace(text: string, offset: number): number {
  while (offset < text.length && ' \t\n\r'.includes(text.charAt(offset))) offset++;
  return offset;
}

function matchEnd(pattern: RegExp, text: string, offset: number): number | undefined {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** Offset after the string that starts here, or what is wrong in it. */
function stringEnd(text: string, start: number): number | Fault {
  let offset = start + 1;
  for (;;) {
    const character = text[offset];
    if (character === '"') return offset + 1;
    if (character === undefined || character < ' ')
      return { offset, expected: 'the rest of the text and its closing "' };
    if (character === '\\') {
      const end = matchEnd(ESCAPE, text, offset);
      if (end === undefined) return { offset, expected: 'an escape such as \\n, \\\\ or \\u00b5' };
      offset = end;
    } else {
      offset++;
    }
  }
}
