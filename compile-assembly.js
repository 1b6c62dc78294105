// Compiles each folder `assembly` of src to the WebAssembly beside it, a module that is committed; with --check it only
// says which of these do not belong to their sources.

import { readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const modules = ['src/stdp/fast/trials', 'src/energy/cpu/kernels', 'src/arithmetic/products'];
const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];

const check = process.argv.includes('--check');
for (const module of modules) {
  const target = new URL(`${module}.wasm.ts`, import.meta.url);
  const text = await compiled(new URL('assembly/', target));
  if (!check) {
    await writeFile(target, text);
  } else if ((await readFile(target, 'utf8')) !== text) {
    console.error(`${module}.wasm.ts does not belong to the assembly beside it: npm run build:wasm`);
    process.exitCode = 1;
  }
}

async function compiled(folder) {
  let wasm;
  const { error, stderr } = await asc.main(['index.ts', '-o', 'module.wasm', ...options], {
    readFile: (name) => readFile(new URL(name, folder), 'utf8').catch(() => null),
    writeFile: (name, contents) => {
      if (name === 'module.wasm') wasm = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return `// Made from assembly/ by compile-assembly.js.
export const wasmBase64 =
  '${Buffer.from(wasm).toString('base64')}';
`;
}
