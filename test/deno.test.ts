import { execFile } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bundledVulkan } from '../src/cli/machine/bundled.ts';
import { hasGpuDevice } from '../src/cli/machine/gpu-devices.ts';

const root = join(import.meta.dirname, '..');

/** The software driver where there is no GPU, as for Dawn. */
async function environment(): Promise<NodeJS.ProcessEnv> {
  const vulkan = hasGpuDevice() ? undefined : await bundledVulkan();
  if (!vulkan) return process.env;
  const libraries = [dirname(vulkan.loader), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return { ...process.env, VK_DRIVER_FILES: vulkan.icd, VK_ICD_FILENAMES: vulkan.icd, LD_LIBRARY_PATH: libraries };
}

test('in Deno, on wgpu, every count and sum and rate is that of the twin', async () => {
  const program = join(root, 'node_modules/deno/bin.cjs');
  const script = join(root, 'test/consumers/deno.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, 'run', '--unstable-webgpu', '--no-check', '--no-lock', '--allow-read', '--allow-env', script],
    { env: { ...(await environment()), DENO_NO_UPDATE_CHECK: '1' }, cwd: root },
  );
  const { results } = JSON.parse(stdout.trim().split('\n').at(-1)!);
  expect(results).toHaveLength(3);
  for (const { pairs, same, passed } of results) {
    expect(pairs).toBeGreaterThan(1000);
    expect({ same, passed }).toEqual({ same: true, passed: true });
  }
});
