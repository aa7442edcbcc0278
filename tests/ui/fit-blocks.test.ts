import { describe, expect, test } from 'vitest';
import { fitBlocks } from '../../src/ui/fit-blocks.js';

const block = (name: string, lines: number) => Array.from({ length: lines }, (_, at) => `${name}${at + 1}`);
const more = (hidden: number) => `and ${hidden} more`;

describe('blocks', () => {
  test('stand apart where there is room', () => {
    expect(fitBlocks([block('a', 1), block('b', 2)], 4, more)).toEqual(['a1', '', 'b1', 'b2']);
  });

  test('stand together where there is not', () => {
    expect(fitBlocks([block('a', 1), block('b', 2)], 3, more)).toEqual(['a1', 'b1', 'b2']);
  });

  test('give way from the end of the longest, and say how much that was', () => {
    expect(fitBlocks([block('a', 2), block('b', 9)], 6, more)).toEqual(['a1', 'a2', 'b1', 'b2', 'b3', 'and 6 more']);
  });

  test.each([0, 1, 2, 3, 5, 8, 13, 21])('never take more than %i lines', (height) => {
    const blocks = [block('a', 1), block('b', 7), block('c', 4), block('d', 3)];
    expect(fitBlocks(blocks, height, more).length).toBeLessThanOrEqual(height);
    if (height >= 4) expect(fitBlocks(blocks, height, more)[0]).toBe('a1');
  });
});
