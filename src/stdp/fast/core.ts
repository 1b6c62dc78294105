/*
 * What runs on each thread: a WebAssembly instance for every open tile, and the commands it is given. The function below
 * is turned into the source text of the workers (see worker.ts), so it refers to nothing outside itself.
 */

/** A command to a core; the results of the `read` commands of a list come back in their order. */
export type Command =
  /** Makes `tile`, with `bytes` of memory that holds zeros beyond the tables. */
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

/** A module, and what every tile's memory has from `at` on. */
export interface CoreModule {
  readonly module: WebAssembly.Module;
  readonly tables: { readonly at: number; readonly data: Int32Array };
}

/** Makes a core. Instances of closed tiles are used again, since engines give address space back late. */
export function createCore({ module, tables }: CoreModule): Core {
  type Exports = Record<string, (...args: number[]) => number> & { readonly memory: WebAssembly.Memory };
  const pageBytes = 65536;
  const tiles = new Map<number, Exports>();
  const spare: Exports[] = [];

  const endOfTables = tables.at + tables.data.byteLength;
  const grow = (memory: WebAssembly.Memory, bytes: number) => {
    const missing = Math.ceil((bytes - memory.buffer.byteLength) / pageBytes);
    if (missing > 0) memory.grow(missing);
  };
  const instantiate = (): Exports => {
    const exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
    grow(exports.memory, endOfTables);
    new Int32Array(exports.memory.buffer).set(tables.data, tables.at / 4);
    return exports;
  };
  const open = (bytes: number): Exports => {
    const exports = spare.pop() ?? instantiate();
    const { memory } = exports;
    new Uint8Array(memory.buffer).fill(0, endOfTables, bytes);
    grow(memory, bytes);
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
