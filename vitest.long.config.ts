import { defineConfig } from 'vitest/config';

/** Tests that take many minutes, with the built program; no part of the suite: `npm run test:long`. */
export default defineConfig({
  test: {
    include: ['test/long/*.ts'],
    setupFiles: ['test/support/load-rules.ts'],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
  },
});
