import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

/** How long a test may take: generous, since it is a guard against a hang and not a measurement. */
const testTimeoutMs = 60_000;

export default defineConfig({
  resolve: {
    // graphql 16 ships CommonJS and ESM. Node gives type-graphql the CommonJS copy, Vite would give our sources
    // the ESM one, and graphql refuses types of "another realm": both must get the same file.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Two files at a time keep a small machine busy without starving the servers that the tests start.
    maxWorkers: 2,
    testTimeout: testTimeoutMs,
    hookTimeout: testTimeoutMs,
    teardownTimeout: 30_000,
  },
});
