import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { STOPPED_ANSWERING, whileAnswering } from '../src/cli/machine/answering-page.ts';
import { launchBrowser } from '../src/cli/machine/browser.ts';
import { bundledVulkan } from '../src/cli/machine/bundled.ts';
import { cachedFolder } from '../src/cli/machine/cache.ts';
import { loadDawn } from '../src/cli/machine/dawn.ts';
import { findBrowser } from '../src/cli/machine/find-browser.ts';
import { restWhileWaiting } from '../src/cli/machine/rest-while-waiting.ts';
import { serveFolder } from '../src/cli/machine/static-server.ts';
import { EngineError } from '../src/errors.ts';

/** Doubles 64 numbers; what a device that computes makes of 0 … 63. */
const doubling =
  '@group(0) @binding(0) var<storage, read_write> numbers: array<u32>;' +
  '@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { numbers[id.x] = numbers[id.x] * 2; }';
const doubled = Array.from({ length: 64 }, (_, index) => 2 * index);

/** Runs {@link doubling} on any WebGPU. Uses nothing outside itself, so that it can also be sent into a page. */
async function computeDoubles(gpu: GPU, code: string): Promise<number[]> {
  const device = await (await gpu.requestAdapter())!.requestDevice();
  const numbers = device.createBuffer({ size: 256, usage: 0x80 | 0x04 | 0x08 });
  const copy = device.createBuffer({ size: 256, usage: 0x01 | 0x08 });
  device.queue.writeBuffer(
    numbers,
    0,
    Uint32Array.from({ length: 64 }, (_, index) => index),
  );
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }) },
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [{ binding: 0, resource: { buffer: numbers } }],
    }),
  );
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(numbers, 0, copy, 0, 256);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(1);
  const result = [...new Uint32Array(copy.getMappedRange())];
  device.destroy();
  return result;
}

/** A cache that the tests share, so that the browser is unpacked once. */
const sharedCache = join(tmpdir(), 'stdp-webgpu-test-cache');
let scratch: string;
/** The room as JavaScript, for other processes; inside the project, so that it finds the packages. */
let builtFolder: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'stdp-webgpu-test-'));
  const root = join(import.meta.dirname, '..');
  builtFolder = await mkdtemp(join(root, 'node_modules', '.machine-test-'));
  const input = ['bundled', 'dawn', 'rest-while-waiting'].map((name) => join(root, `src/cli/machine/${name}.ts`));
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: true, outDir: builtFolder, rollupOptions: { input, external: ['tar-fs', 'webgpu'] } },
  });
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
  await rm(builtFolder, { recursive: true, force: true });
});

/** Runs a program in a process of its own and gives what it prints; `kill` ends it at once. */
async function runNode(program: string, cache: string, kill?: AbortSignal): Promise<string> {
  const env = { ...process.env, STDP_WEBGPU_CACHE: cache };
  const options = { env, timeout: 50_000, killSignal: 'SIGKILL' as const, ...(kill && { signal: kill }) };
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], options);
  const { stdout } = await run.catch((error) => {
    // The message of a process that ended by a signal says nothing of it.
    if (error.code !== 'ABORT_ERR') error.message += `\n${JSON.stringify(error)}`;
    throw error;
  });
  return stdout;
}
afterEach(() => vi.unstubAllEnvs());

async function freshCache(name: string): Promise<string> {
  const folder = join(scratch, name);
  vi.stubEnv('STDP_WEBGPU_CACHE', folder);
  return folder;
}

describe('the cache', () => {
  const fill = (folder: string) => writeFile(join(folder, 'data'), 'whole');

  test('a folder that loses a file is mended, and nothing half-written is left', async () => {
    const cache = await freshCache('mended');
    const folder = await cachedFolder('thing-1', fill);
    await writeFile(join(folder, 'data'), 'half');
    await cachedFolder('thing-1', fill);
    expect(await readFile(join(folder, 'data'), 'utf8')).toBe('whole');
    expect(await readdir(cache)).toEqual(['thing-1']);
  });

  test('a fill that fails leaves nothing behind and is tried again', async () => {
    const cache = await freshCache('failing');
    const broken = async (folder: string) => {
      await fill(folder);
      throw new Error('archive broken');
    };
    await expect(cachedFolder('thing-1', broken)).rejects.toThrow('archive broken');
    expect(await readdir(cache)).toEqual([]);
    await cachedFolder('thing-1', fill);
    expect(await readdir(cache)).toEqual(['thing-1']);
  });

  test('a cache that cannot be a folder is replaced by one of our own among the temporary files', async () => {
    await writeFile(join(scratch, 'occupied'), '');
    vi.stubEnv('STDP_WEBGPU_CACHE', join(scratch, 'occupied', 'cache'));
    vi.stubEnv('TMPDIR', scratch);
    const folder = await cachedFolder('thing-1', fill);
    expect(folder).toMatch(join(scratch, 'stdp-webgpu-'));
    expect((await stat(join(folder, '..'))).mode & 0o777).toBe(0o700);
  });
});

describe('the bundled browser', () => {
  test('two processes that unpack at once both get a browser that runs, after a third was killed half-way', async () => {
    const cache = await freshCache('unpacked');
    const program = `
      const { bundledBrowser } = await import('${join(builtFolder, 'bundled.js')}');
      console.log(JSON.stringify(await bundledBrowser()));`;
    const kill = new AbortController();
    const killed = expect(runNode(program, cache, kill.signal)).rejects.toMatchObject({ code: 'ABORT_ERR' });
    let partial = '';
    const startsWriting = async () => {
      partial = (await readdir(cache)).find((name) => name.includes('.partial-')) ?? '';
      await stat(join(cache, partial, 'chromium'));
    };
    await vi.waitFor(startsWriting, { timeout: 20_000, interval: 20 });
    kill.abort();
    await killed;
    const both = await Promise.all([runNode(program, cache), runNode(program, cache)]);
    expect(both[0]).toBe(both[1]);
    const { executable, libraryPath, folder } = JSON.parse(both[0]);
    expect((await readdir(cache)).sort()).toEqual([expect.stringMatching(/^chromium-[\w.]+-x64$/), partial]);
    expect(await readdir(folder)).toEqual(
      expect.arrayContaining(['libvk_swiftshader.so', 'vk_swiftshader_icd.json', 'libGLESv2.so', 'fonts']),
    );
    const env = { ...process.env, LD_LIBRARY_PATH: libraryPath };
    const { stdout } = await promisify(execFile)(executable, ['--version'], { env });
    expect(stdout).toContain('147.');
    await rm(cache, { recursive: true });
  });

  test('SwiftShader alone is unpacked without the browser', async () => {
    const cache = await freshCache('vulkan');
    const { loader, icd } = (await bundledVulkan())!;
    expect(JSON.parse(await readFile(icd, 'utf8')).ICD.library_path).toBe('./libvk_swiftshader.so');
    expect(loader).toMatch(/libvulkan\.so\.1$/);
    expect((await readdir(cache)).filter((name) => name.startsWith('chromium'))).toEqual([]);
  });
});

describe('launchBrowser', () => {
  test('gives a page a WebGPU that computes, tells what it chose, and leaves no profile', async () => {
    vi.stubEnv('STDP_WEBGPU_CACHE', sharedCache);
    const temporary = join(scratch, 'profiles');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const launched = await launchBrowser({ adapter: 'software' });
    const server = await serveFolder(scratch, { '/': (_, response) => response.end() });
    try {
      expect(launched).toMatchObject({ software: true, adapter: { architecture: 'swiftshader' } });
      expect(launched.version).toMatch(/Chrome\/\d+/);
      expect(launched.args).toContain('--use-webgpu-adapter=swiftshader');
      const page = await launched.browser.newPage();
      await page.goto(server.url);
      expect(await page.evaluate(`(${computeDoubles})(navigator.gpu, ${JSON.stringify(doubling)})`)).toEqual(doubled);
    } finally {
      await launched.close();
      await server.close();
    }
    expect(await readdir(temporary)).toEqual([]);
  });

  test('an installed browser that lacks a library is passed over for the bundled one', async () => {
    vi.stubEnv('STDP_WEBGPU_CACHE', sharedCache);
    for (const name of ['STDP_WEBGPU_BROWSER', 'PUPPETEER_EXECUTABLE_PATH']) vi.stubEnv(name, '');
    const bin = join(scratch, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'google-chrome'), '#!/bin/sh\necho "libnss3.so: no such file" >&2; exit 127\n');
    await chmod(join(bin, 'google-chrome'), 0o755);
    vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
    const choice = await findBrowser();
    expect(choice).toMatchObject({ source: 'installed', executable: join(bin, 'google-chrome') });
    const launched = await launchBrowser({ choice });
    await launched.close();
    expect(launched.executable).not.toBe(choice.executable);
  });

  test.each([
    ['complains and stops', 'echo "libnss3.so: no such file" >&2; exit 127', 'libnss3.so: no such file'],
    ['starts and dies', '[ "$1" = --version ] && exit 0; echo "No usable sandbox!" >&2; exit 1', 'No usable sandbox!'],
  ])('an explicit browser that %s is an error with its last words', async (name, script, words) => {
    const executable = join(scratch, `broken ${name}`);
    await writeFile(executable, `#!/bin/sh\n${script}\n`);
    await chmod(executable, 0o755);
    const error = await launchBrowser({ choice: await findBrowser(executable) }).catch((caught) => caught);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: 'unavailable', value: executable });
    expect(error.message).toContain(executable);
    expect(error.message).toContain(words);
  });

  test('an explicit browser that is not there is an error that names the flag or variable and the path', async () => {
    const missing = join(scratch, 'no-such-browser');
    await expect(findBrowser(missing)).rejects.toMatchObject({
      code: 'invalid-option',
      path: '--browser',
      value: missing,
    });
    vi.stubEnv('STDP_WEBGPU_BROWSER', missing);
    await expect(launchBrowser()).rejects.toMatchObject({ code: 'invalid-option', path: 'STDP_WEBGPU_BROWSER' });
  });
});

describe('a page at work', () => {
  test('is lost when it answers nothing any more, and not while it is late or busy for a moment', async () => {
    vi.stubEnv('STDP_WEBGPU_CACHE', sharedCache);
    const launched = await launchBrowser({ adapter: 'software' });
    try {
      const page = await launched.browser.newPage();
      const busy = page.evaluate(async () => {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        for (const end = performance.now() + 1500; performance.now() < end; );
        await new Promise((resolve) => setTimeout(resolve, 1500));
        return 'done';
      });
      expect(await whileAnswering(page, busy, 4000)).toBe('done');
      await expect(whileAnswering(page, Promise.reject(new Error('failed')), 4000)).rejects.toThrow('failed');
      const endless = page.evaluate(() => {
        for (;;);
      });
      endless.catch(() => undefined);
      const lost = whileAnswering(page, endless, 2000);
      await expect(lost).rejects.toMatchObject({
        code: 'device-lost',
        message: expect.stringMatching(STOPPED_ANSWERING),
      });
    } finally {
      await launched.close();
    }
  });
});

describe('loadDawn', () => {
  test('gives this process a WebGPU that computes, and leaves the environment as it was', async () => {
    vi.stubEnv('STDP_WEBGPU_CACHE', sharedCache);
    const before = { ...process.env };
    const dawn = await loadDawn();
    expect(process.env).toEqual(before);
    expect(await computeDoubles(dawn.gpu, doubling)).toEqual(doubled);
    expect(GPUBufferUsage.STORAGE).toBe(0x80);
    expect(dawn.software).toBe(dawn.adapter.architecture === 'swiftshader');
  });

  test('drivers that the user names are the only ones, and a driver that fails does not spoil the next try', async () => {
    vi.stubEnv('STDP_WEBGPU_CACHE', sharedCache);
    vi.stubEnv('VK_DRIVER_FILES', join(scratch, 'no-such-driver.json'));
    await expect(loadDawn()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/VK_DRIVER_FILES/),
    });
    vi.stubEnv('VK_DRIVER_FILES', (await bundledVulkan())!.icd);
    expect((await loadDawn()).adapter.architecture).toBe('swiftshader');
  });

  test('a program that destroys its devices ends by itself, with its garbage collected before Dawn has finished', async () => {
    const program = `
      const { setFlagsFromString } = await import('node:v8');
      const { runInNewContext } = await import('node:vm');
      const { loadDawn } = await import('${join(builtFolder, 'dawn.js')}');
      setFlagsFromString('--expose-gc');
      const collectGarbage = runInNewContext('gc');
      async function use() {
        const { gpu } = await loadDawn();
        const device = await (await gpu.requestAdapter()).requestDevice();
        device.destroy();
        return device;
      }
      globalThis.device = await use();
      process.nextTick(() => {
        collectGarbage();
        console.log('done');
      });`;
    expect(await runNode(program, sharedCache)).toBe('done\n');
  });
});

describe('a thread that waits for Dawn', () => {
  /** How often the event loop turns until the work is done. */
  async function turnsWhile(work: Promise<unknown>): Promise<number> {
    let turns = 0;
    let done = false;
    const turn = () => {
      turns++;
      if (!done) setImmediate(turn);
    };
    turn();
    await work;
    done = true;
    return turns;
  }

  const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  /** Classes like Dawn's, whose promises take as long as `work`. */
  function slowClasses(work: () => Promise<unknown>) {
    const made = {
      GPUQueue: class {
        onSubmittedWorkDone() {
          return work();
        }
      },
      GPUBuffer: class {
        mapAsync(mode: number, from: number) {
          return work().then(() => [this, mode, from]);
        }
      },
      GPUDevice: class {
        createComputePipelineAsync() {
          return work();
        }
      },
    };
    restWhileWaiting(made);
    restWhileWaiting(made);
    return made;
  }

  test('rests, more the longer it waits, and turns as before when all is done', async () => {
    const { GPUQueue, GPUBuffer } = slowClasses(() => delay(300));
    const buffer = new GPUBuffer();
    const resting = await turnsWhile(Promise.all([new GPUQueue().onSubmittedWorkDone(), buffer.mapAsync(1, 8)]));
    expect(resting).toBeLessThan(1500);
    expect(await turnsWhile(delay(300))).toBeGreaterThan(3 * resting);
    expect(await buffer.mapAsync(1, 8)).toEqual([buffer, 1, 8]);
  });

  test('passes failures on, and does not keep the process for what never comes', async () => {
    const { GPUDevice } = slowClasses(() => Promise.reject(new Error('lost')));
    await expect(new GPUDevice().createComputePipelineAsync()).rejects.toThrow('lost');
    const program = `
      const { restWhileWaiting } = await import('${join(builtFolder, 'rest-while-waiting.js')}');
      class Slow { onSubmittedWorkDone() { return new Promise(() => {}); } mapAsync() {} createComputePipelineAsync() {} }
      restWhileWaiting({ GPUQueue: Slow, GPUBuffer: class extends Slow {}, GPUDevice: class extends Slow {} });
      new Slow().onSubmittedWorkDone();
      console.log('done');`;
    expect(await runNode(program, sharedCache)).toBe('done\n');
  });
});

describe('serveFolder', () => {
  /** A request whose path goes out as it is; `fetch` would resolve the dots first. */
  function get(
    url: string,
    path: string,
  ): Promise<{ status: number | undefined; type: string | undefined; body: string }> {
    return new Promise((resolve, reject) => {
      request(url, { path }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part) => {
          body += part;
        });
        const { statusCode: status, headers } = response;
        response.on('end', () => resolve({ status, type: headers['content-type'], body }));
      })
        .on('error', reject)
        .end();
    });
  }

  test('serves the files of its folder and refuses every way out of it', async () => {
    const folder = join(scratch, 'site');
    await mkdir(folder);
    await writeFile(join(folder, 'index.html'), 'home');
    await writeFile(join(folder, 'main.js'), '');
    await writeFile(join(scratch, 'secret'), 'secret');
    await mkdir(join(scratch, 'site-secret'));
    await writeFile(join(scratch, 'site-secret', 'key'), 'secret');
    await symlink(join(scratch, 'secret'), join(folder, 'link'));
    const server = await serveFolder(folder, { '/answer': (_, response) => response.end('handled') });
    expect(await get(server.url, '/')).toEqual({ status: 200, type: 'text/html; charset=utf-8', body: 'home' });
    expect((await get(server.url, '/main.js?v=1')).type).toMatch('text/javascript');
    expect((await get(server.url, '/answer')).body).toBe('handled');
    const ways = [
      '/../secret',
      '/%2e%2e/secret',
      '/..%2fsecret',
      '/../site-secret/key',
      '/link',
      '/%00',
      '/%zz',
      '//etc/passwd',
    ];
    for (const way of ways) expect(await get(server.url, way), way).toMatchObject({ status: 404, body: 'not found\n' });
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
