import type { GpuContext } from '../../src/gpu/context.ts';
import { assertSameArray } from '../support/compare.ts';
import { assert, engineErrorOf, type GpuCase, watchBuffers, withOwnContext } from './case.ts';

const MEBIBYTE = 2 ** 20;

/** Words that differ from place to place and from one `salt` to another. */
function pattern(bytes: number, salt = 0): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: bytes / 4 }, (_, index) => Math.imul(index + 1, 0x9e3779b1) ^ salt);
}

function filledBuffer(context: GpuContext, contents: ArrayBuffer | ArrayBufferView<ArrayBuffer>): Promise<GPUBuffer> {
  return context.createBuffer('pattern', GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST, contents);
}

export const readbackCases: readonly GpuCase[] = [
  {
    name: 'a buffer larger than all staging memory is read back exactly',
    async run(context) {
      const expected = pattern(40 * MEBIBYTE + 12);
      const buffer = await filledBuffer(context, expected);
      const actual = await context.readback.read(buffer);
      context.destroyBuffer(buffer);
      assertSameArray('words', new Uint32Array(actual), expected);
    },
  },
  {
    name: 'more reads at once than staging buffers each get their own bytes, in bounded memory',
    async run(_, gpu) {
      await withOwnContext(gpu, async (context) => {
        const contents = Array.from({ length: 9 }, (_, salt) => pattern((1 + (salt % 3)) * 4 * MEBIBYTE, salt));
        const buffers = await Promise.all(contents.map((words) => filledBuffer(context, words)));
        const staging = watchBuffers(context.device);
        const reads = await Promise.all(buffers.map((buffer) => context.readback.read(buffer)));
        assert(staging().length <= 3, `${staging().length} staging buffers`);
        reads.forEach((bytes, index) => {
          assertSameArray(`read ${index}`, new Uint32Array(bytes), contents[index]!);
        });
      });
    },
  },
  {
    name: 'any number of bytes from any word on is written and read',
    async run(context) {
      const contents = Uint8Array.from({ length: 4099 }, (_, index) => index * 7);
      const buffer = await filledBuffer(context, contents);
      const read = async (offset: number, size: number) =>
        new Uint8Array(await context.readback.read(buffer, offset, size));
      assert(buffer.size === 4100, `4099 bytes make a buffer of ${buffer.size}`);
      assertSameArray('all', await read(0, 4099), contents);
      assertSameArray('last', await read(4096, 4), [...contents.subarray(4096), 0]);
      assertSameArray('middle', await read(1000, 5), contents.subarray(1000, 1005));
      assertSameArray('nothing', await read(8, 0), []);
      context.writeBuffer(buffer, contents.subarray(1, 8));
      assertSameArray('overwritten', await read(0, 12), [...contents.subarray(1, 8), 0, ...contents.subarray(8, 12)]);
      context.destroyBuffer(buffer);
    },
  },
  {
    name: 'a buffer starts with zeros',
    async run(context) {
      const buffer = await context.createBuffer('zeros', GPUBufferUsage.COPY_SRC, 1001);
      const bytes = await context.readback.read(buffer);
      context.destroyBuffer(buffer);
      assertSameArray('bytes', new Uint8Array(bytes), new Uint8Array(1004));
    },
  },
  {
    name: 'a context that is destroyed ends every read, none waits for ever',
    async run(_, gpu) {
      await withOwnContext(gpu, async (context) => {
        const buffer = await filledBuffer(context, pattern(40 * MEBIBYTE));
        const reads = Array.from({ length: 4 }, () => context.readback.read(buffer));
        const settled = Promise.allSettled(reads);
        context.destroy();
        const failed = (await settled).filter(({ status }) => status === 'rejected');
        assert(failed.length === reads.length, `${failed.length} of ${reads.length} reads failed`);
        await engineErrorOf('device-lost', () => context.readback.read(buffer));
      });
    },
  },
];
