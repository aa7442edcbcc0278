import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.js';
import { clusterOf, diagnosticsOf, local, problemsOf } from './problems.js';

describe('text that is no YAML', () => {
  test.each([
    ['api:\n\tport: 1', '5:1 not valid YAML: tabs are not allowed as indentation'],
    ['api: {port: 1', '4:14 not valid YAML: '],
    ['api: @port', '4:6 not valid YAML: plain value cannot start with reserved character @'],
    ['api: "port', '4:11 not valid YAML: missing closing "quote'],
    ['api: port: 1', '4:6 not valid YAML: nested mappings are not allowed in compact mappings'],
    ['? [a]\n: b', '4:3 a key must be a plain text'],
    ['api: !!js/function x', '4:6 tags (!) are not understood'],
    ['api: *port', '4:6 the alias *port has no anchor &port before it'],
    ['---\nname: two', '4:1 a second document begins here'],
  ])('%j is pointed at', (lines, problem) => {
    expect(problemsOf(local(lines))[0]).toContain(problem);
  });

  test('two mistakes are two problems', () => {
    expect(problemsOf('a: @x\nb: `y\n')).toHaveLength(2);
  });

  test('a key that stands twice is pointed at where it stands again, and the rest is checked all the same', () => {
    expect(problemsOf(local('name: again\napi: {port: x}\n'))).toEqual([
      '4:1 "name" stands here a second time',
      '5:13 api.port: expected a whole number from 1 to 65535, got "x"',
    ]);
  });

  test('the same key is found twice however it is quoted', () => {
    expect(problemsOf(local('"name": again\n'))).toEqual(['4:1 "name" stands here a second time']);
  });

  test('a raw control character is refused and not printed', () => {
    const problems = problemsOf(local('api: {}\u001b[2J\n'));
    expect(problems).toEqual(['4:8 a control character, "\\x1b", stands in the text']);
  });

  test('a key that means something to JavaScript is refused', () => {
    expect(problemsOf(local('__proto__: {a: 1}\n'))).toEqual(['4:1 "__proto__" cannot be a key']);
    expect(problemsOf(local('nodes: {control-plane: {count: 1}, __proto__: {count: 2}}\n'))).toContain(
      '4:36 "__proto__" cannot be a key',
    );
    expect(problemsOf(local('constructor: {}\n'))).toEqual(['4:1 unknown key "constructor"']);
    expect(problemsOf(local('nodes: {control-plane: {count: 1, toString: {}}}\n'))).toEqual([
      '4:35 unknown key "toString" in nodes.control-plane',
    ]);
  });
});

describe('an empty file', () => {
  test.each(['', '\n\n', '# nothing yet\n', '---\n', 'null\n', '\ufeff'])('%j says so', (text) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^\d:\d the file is empty$/)]);
  });

  test.each([
    ['[1]', 'expected a mapping, got a list'],
    ['text', 'expected a mapping, got "text"'],
    ['5', 'expected a mapping, got 5'],
  ])('%j is no config', (text, problem) => {
    expect(problemsOf(text)).toEqual([`1:1 ${problem}`]);
  });
});

describe('what is written in other ways', () => {
  test('JSON is YAML too', () => {
    const text = JSON.stringify({ apiVersion: 'kubewright/v1alpha1', name: 'demo', provider: { local: {} } });
    expect(clusterOf(text)).toEqual(clusterOf(local()));
  });

  test('a byte order mark and Windows line ends change nothing', () => {
    expect(clusterOf(`\ufeff${local('api: {}\n').replaceAll('\n', '\r\n')}`)).toEqual(clusterOf(local()));
  });

  test('places are right with Windows line ends', () => {
    expect(problemsOf(local('api: {port: x}\nap: 1\n').replaceAll('\n', '\r\n'))).toEqual([
      '4:13 api.port: expected a whole number from 1 to 65535, got "x"',
      '5:1 unknown key "ap"',
    ]);
  });

  test('aliases stand for what they are anchored to, and problems are shown there', () => {
    const labels = 'nodes:\n  control-plane: {count: 1, labels: &l {tier: a}}\n  workers: {count: 1, labels: *l}\n';
    expect(clusterOf(local(labels)).nodes.map((node) => node.labels)).toEqual([{ tier: 'a' }, { tier: 'a' }]);
    expect(problemsOf(local(labels.replace('tier: a', 'tier: 5')))).toEqual([
      '5:47 nodes.control-plane.labels.tier: expected a text, got 5',
      '5:47 nodes.workers.labels.tier: expected a text, got 5',
    ]);
  });
});

describe('hostile text', () => {
  const doublings = Array.from({ length: 30 }, (_, i) => `  - &a${i + 1} [*a${i}, *a${i}]`).join('\n');

  test.each([
    ['anchors that double', `a:\n  - &a0 x\n${doublings}\n`, 'its aliases (*) multiply out of hand'],
    ['ten thousand aliases', `a: &a x\nb: [${'*a,'.repeat(10_000)}]`, 'more than 100 aliases (*)'],
    [
      'an alias inside its own anchor',
      local('nodes: &n {control-plane: {count: 1, labels: *n}}'),
      'nodes.control-plane',
    ],
    ['open brackets', '['.repeat(100_000), 'more than 50 mappings or lists'],
    ['closed brackets', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'more than 50 mappings or lists'],
    ['open braces', '{a: '.repeat(50_000), 'more than 50 mappings or lists'],
    ['lists in lists', '- '.repeat(100_000), 'more than 50 mappings or lists'],
    ['keys in keys', '? '.repeat(100_000), 'more than 50 mappings or lists'],
    ['steps of indentation', Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'more than 50'],
    ['many keys', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n'), 'unknown key "k0"'],
    ['many anchors', `a: ${'&a '.repeat(50_000)}x`, 'not valid YAML'],
  ])('%s are answered in good time', { timeout: 20_000 }, (_, text, problem) => {
    const result = parseConfig(text, 'cluster.yaml');
    expect(result.ok).toBe(false);
    expect(diagnosticsOf(result).some(({ message }) => message.includes(problem))).toBe(true);
  });
});

describe('any text at all', () => {
  const words = ['apiVersion', 'nodes', 'provider', 'local', 'hosts', 'name', ': ', ':\n', '\n', ' ', '- ', '{', '}'];
  const yamlish = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        ...words,
        '[',
        ']',
        ',',
        '"',
        "'",
        '&a ',
        '*a',
        '!x ',
        '#',
        '|',
        '>',
        '%',
        '\t',
        '\r',
        '\0',
        '---\n',
      ),
      fc.string({ maxLength: 3, unit: 'binary' }),
    ),
    maxLength: 40,
  });

  test('is answered with diagnostics inside of it', () => {
    fc.assert(
      fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), (text) => {
        const result = parseConfig(text, 'cluster.yaml');
        const lines = text.split('\n');
        expect(result.ok).toBe(false);
        expect(diagnosticsOf(result).length).toBeGreaterThan(0);
        for (const { line, column, length = 1 } of diagnosticsOf(result)) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column - 1 + length).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a value of any shape in any field is answered', () => {
    const anything = fc.dictionary(
      fc.constantFrom('apiVersion', 'name', 'provider', 'kubernetes', 'engine', 'nodes', 'network', 'api', 'artifacts'),
      fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom('local', 'hosts', 'workers', 'podCidr'), fc.jsonValue())),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const good = { apiVersion: 'kubewright/v1alpha1', name: 'demo', provider: { local: {} } };
        expect(() => parseConfig(JSON.stringify({ ...good, ...value }), 'cluster.yaml')).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});
