/*
 * What runs on each thread: a WebAssembly instance for every open tile, and the commands it is given. The function below
 * is turned into the source text of the workers (see worker.ts), so it refers to nothing outside itself.
 */

/** A command to a core; the results of the `read` commands of a list come back in their order. */
export type Command =
  /** Makes `tile`, with `bytes` of memory that holds zeros. */
  | { readonly do: 'open'; readonly tile: number; readonly bytes: number }
  | { readonly do: 'write'; readonly tile: number; readonly at: number; readonly data: Int32Array | Uint32Array }
  /** Calls an export with `address`, then `args`. */
  | {
      readonly do: 'call';
      readonly tile: number;
      readonly name: TileExport;
      readonly address: number;
      readonly args: readonly number[];
    }
  /** Calls an export with `address`, then each row `from` … `to` − 1, then `args`. */
  | {
      readonly do: 'rows';
      readonly tile: number;
      readonly name: RowExport;
      readonly address: number;
      readonly from: number;
      readonly to: number;
      readonly args: readonly number[];
    }
  | { readonly do: 'read'; readonly tile: number; readonly at: number; readonly bytes: number }
  | { readonly do: 'close'; readonly tile: number };

export type TileExport = 'fillBinTable' | 'sampleTrial';
export type RowExport = 'prepare' | 'runTrials' | 'tally' | 'probabilities';

/** A thread's part of the work: carries out commands, one list after the other. */
export type Core = (commands: readonly Command[]) => ArrayBuffer[];

/** Makes a core. Instances of closed tiles are used again, since engines give address space back late. */
export function createCore(module: WebAssembly.Module): Core {
  type Exports = Record<string, (...args: number[]) => number> & { readonly memory: WebAssembly.Memory };
  const pageBytes = 65536;
  const tiles = new Map<number, Exports>();
  const spare: Exports[] = [];

  const open = (bytes: number): Exports => {
    const exports = spare.pop() ?? (new WebAssembly.Instance(module, {}).exports as unknown as Exports);
    const { memory } = exports;
    new Uint8Array(memory.buffer, 0, Math.min(bytes, memory.buffer.byteLength)).fill(0);
    const missing = Math.ceil((bytes - memory.buffer.byteLength) / pageBytes);
    if (missing > 0) memory.grow(missing);
    return exports;
  };
  const opened = (tile: number): Exports => {
    const exports = tiles.get(tile);
    if (!exports) throw new Error(`tile ${tile} is not open`);
    return exports;
  };

  return (commands) => {
    const results: ArrayBuffer[] = [];
    for (const command of commands) {
      switch (command.do) {
        case 'open':
          tiles.set(command.tile, open(command.bytes));
          break;
        case 'write': {
          const { data } = command;
          const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
          new Uint8Array(opened(command.tile).memory.buffer).set(bytes, command.at);
          break;
        }
        case 'call':
          opened(command.tile)[command.name]!(command.address, ...command.args);
          break;
        case 'rows': {
          const run = opened(command.tile)[command.name]!;
          for (let row = command.from; row < command.to; row++) run(command.address, row, ...command.args);
          break;
        }
        case 'read':
          results.push(opened(command.tile).memory.buffer.slice(command.at, command.at + command.bytes));
          break;
        case 'close': {
          const exports = tiles.get(command.tile);
          if (exports) spare.push(exports);
          tiles.delete(command.tile);
        }
      }
    }
    return results;
  };
}
