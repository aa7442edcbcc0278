import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claimPath, createLock, findLock, removeLock } from '../../src/state/lock-file.js';
import { thisOwner } from '../../src/state/lock-owner.js';
import { temporaryFolder } from './folder.js';

test('one who found a stale lock does not remove the lock that a quicker one has made meanwhile', () => {
  const path = join(temporaryFolder(), 'lock');
  createLock(path, thisOwner('stale'));
  const found = findLock(path)?.identity ?? '';
  // The quicker one:
  removeLock(path, found, thisOwner('quick'));
  const quick = thisOwner('quick');
  createLock(path, quick);
  // The slower one:
  expect(removeLock(path, found, thisOwner('slow'))).toBe(true);
  expect(findLock(path)?.identity).toBe(quick.id);
});

test('while one removes a lock, nobody else does, and the holder leaves it to that one', () => {
  const path = join(temporaryFolder(), 'lock');
  const owner = thisOwner('up');
  const lock = createLock(path, owner);
  writeFileSync(claimPath(path, owner.id), '');
  expect(removeLock(path, owner.id, thisOwner('other'))).toBe(false);
  lock?.release();
  expect(existsSync(path)).toBe(true);
});
