import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type ClusterPaths, statePaths } from '../../src/state/paths.js';

/** A folder of this test's own, removed when it ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubewright-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The places of a cluster in a state folder of this test's own. */
export function temporaryState(cluster = 'demo'): ClusterPaths {
  vi.stubEnv('KUBEWRIGHT_STATE_DIR', temporaryFolder());
  onTestFinished(() => void vi.unstubAllEnvs());
  return statePaths(cluster);
}
