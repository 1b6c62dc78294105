// Compiles assembly/ to products.wasm.ts, which is committed; with --check it only says whether that file is up to date.

import { readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const folder = new URL('./assembly/', import.meta.url);
const target = new URL('./products.wasm.ts', import.meta.url);

const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
let wasm;
const { error, stderr } = await asc.main(['index.ts', '-o', 'products.wasm', ...options], {
  readFile: (name) => readFile(new URL(name, folder), 'utf8').catch(() => null),
  writeFile: (name, contents) => {
    if (name === 'products.wasm') wasm = contents;
  },
  listFiles: () => [],
});
if (error) throw new Error(`${error.message}\n${stderr.toString()}`);

const text = `// Made from assembly/ by compile-assembly.js.
export const wasmBase64 =
  '${Buffer.from(wasm).toString('base64')}';
`;
if (!process.argv.includes('--check')) {
  await writeFile(target, text);
} else if ((await readFile(target, 'utf8')) !== text) {
  console.error('src/arithmetic/products.wasm.ts does not belong to src/arithmetic/assembly: npm run build:wasm');
  process.exitCode = 1;
}
