import { expect, test } from 'vitest';
import { buildGraph } from '../../src/core/graph.js';
import { reading } from './steps.js';

test('needs and dependants are resolved in the given order, each once', () => {
  const steps = [reading('a'), reading('b', { needs: ['a', 'a'] }), reading('c', { needs: ['b', 'a'] })];
  const graph = buildGraph(steps);
  expect(graph.needs).toEqual([[], [0], [1, 0]]);
  expect(graph.dependants).toEqual([[1, 2], [2], []]);
});

test('unknown needs and duplicate ids are all named at once', () => {
  const steps = [reading('a', { needs: ['x'] }), reading('a'), reading('b', { needs: ['y'] })];
  expect(() => buildGraph(steps)).toThrow(
    'the graph of steps is wrong: two steps are called a; a needs x, which is not a step; b needs y, which is not a step',
  );
});

test('of very many problems the first ten are named', () => {
  const steps = Array.from({ length: 30 }, (_, at) => reading(`s${at}`, { needs: ['nothing'] }));
  expect(() => buildGraph(steps)).toThrow(/s9 needs nothing, which is not a step; and 20 more$/);
});

test('a cycle is named step by step, without the steps that merely lead into it', () => {
  const steps = [
    reading('start'),
    reading('after', { needs: ['a'] }),
    reading('a', { needs: ['start', 'b'] }),
    reading('b', { needs: ['c'] }),
    reading('c', { needs: ['a'] }),
  ];
  expect(() => buildGraph(steps)).toThrow('steps wait for each other: a needs b needs c needs a');
});

test('a step that needs itself is a cycle', () => {
  expect(() => buildGraph([reading('a', { needs: ['a'] })])).toThrow('steps wait for each other: a needs a');
});

test('a chain of 100,000 steps is checked without running out of stack', () => {
  const steps = Array.from({ length: 100_000 }, (_, at) =>
    reading(`s${at}`, { needs: at === 0 ? [] : [`s${at - 1}`] }),
  );
  expect(buildGraph(steps).steps).toHaveLength(100_000);
});
