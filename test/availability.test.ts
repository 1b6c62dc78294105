import { describe, expect, test } from 'vitest';
import { webGpuAdvice } from '../src/gpu/availability.ts';
import { GpuContext } from '../src/gpu/context.ts';

describe('where there is no WebGPU', () => {
  test.each([
    ['a browser without it', { isSecureContext: true }, /Chrome or Edge 113, Safari 26, Firefox 141/],
    ['a page from http', { isSecureContext: false }, /only to pages from https or localhost/],
    ['Node', { process: { versions: { node: '20.19.0' } } }, /loadDawn\(\) of stdp-webgpu\/node/],
    ['Deno, which has a process too', { Deno: {}, process: { versions: { node: '24.0.0' } } }, /--unstable-webgpu/],
  ])('%s is told what to do', (_, runtime, advice) => {
    expect(webGpuAdvice(runtime)).toMatch(advice);
  });

  test('the error says so, and that the CPU computes the same', async () => {
    await expect(GpuContext.create()).rejects.toMatchObject({
      code: 'unavailable',
      expected: webGpuAdvice(),
      message: expect.stringMatching(/loadDawn\(\).*fastCpuEngine\(\) computes the same/),
    });
  });

  test('so does a browser that has it but no adapter', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    await expect(GpuContext.create({ gpu })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/no adapter here: .*chrome:\/\/gpu.*fastCpuEngine/),
    });
  });
});
