import { defineConfig } from 'vitest/config';

const docker = 'tests/**/*.docker.test.ts';
const stories = 'tests/stories/**/*.test.ts';
const e2e = 'tests/e2e/**/*.test.ts';
const minutes = 60_000;

/**
 * `unit`: no engine, no network beyond loopback. `stories`: the built CLI as a user runs it. `docker`: needs
 * a container engine. `e2e`: real clusters, one after the other. Every file must pass in any order.
 */
export default defineConfig({
  test: {
    reporters: ['default', './tests/rig/tally.ts'],
    sequence: { shuffle: { files: true, tests: true } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [docker, stories, e2e],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'stories',
          include: [stories],
          exclude: [docker],
          globalSetup: 'tests/rig/built-cli.ts',
          testTimeout: 2 * minutes,
          hookTimeout: 2 * minutes,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'docker',
          include: [docker],
          exclude: [e2e],
          globalSetup: 'tests/rig/built-cli.ts',
          fileParallelism: false,
          testTimeout: 5 * minutes,
          hookTimeout: 5 * minutes,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [e2e],
          globalSetup: 'tests/rig/built-cli.ts',
          fileParallelism: false,
          testTimeout: 30 * minutes,
          hookTimeout: 60 * minutes,
          // The tests of one file tell one story of one cluster.
          sequence: { groupOrder: 3, shuffle: { files: true, tests: false } },
        },
      },
    ],
  },
});
