import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addHost, addNodes, removeNodes, setPoolCount } from '../../src/config/edit.js';
import { clusterOf, hosts, local } from './problems.js';

/** What an edit that is refused says: its code, its message and its hint. */
function refused(edit: () => string): readonly [code: unknown, message: string, hint: unknown] {
  try {
    edit();
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'hint' in error) return [error.code, error.message, error.hint];
    throw error;
  }
  throw new Error('it was not refused');
}

/** A config with the provider `local` and a control plane that works, and these lines of pools. */
function pools(...lines: readonly string[]): string {
  return local(
    `# before\nnodes:\n  control-plane:\n    count: 1 # odd\n${lines.map((it) => `  ${it}\n`).join('')}# after\nnetwork: {podCidr:   10.1.0.0/16} # odd spacing\n`,
  );
}

/** A config with the provider `hosts` whose workers are these lines, indented as the key `hosts` is. */
function machines(...lines: readonly string[]): string {
  return hosts(
    `nodes:\n  control-plane: {hosts: [{name: cp, address: 10.0.0.1}]}\n  workers:\n${lines.map((it) => (it === '' ? '\n' : `    ${it}\n`)).join('')}api: {port:   6443} # odd spacing\n`,
  );
}

describe('the count of a pool', () => {
  test.each([
    [['workers:', '  count: 2 # two'], 5, ['workers:', '  count: 5 # two']],
    [['workers: { count: 2 } # two'], 0, ['workers: { count: 0 } # two']],
    [['workers: {count: 2, labels: {a: b}}'], 12, ['workers: {count: 12, labels: {a: b}}']],
    [['"workers":', '    "count":   2', '    labels: {}'], 3, ['"workers":', '    "count":   3', '    labels: {}']],
    [['workers: {', '  count: 2, # two', '}'], 4, ['workers: {', '  count: 4, # two', '}']],
    [['workers: {count: 2, except: [1, 3]}'], 3, ['workers: {count: 3, except: [1, 3]}']],
    [['workers: {count: 2, except: [9]}'], 3, ['workers: {count: 3, except: [9]}']],
    [['workers: {count: 2, except: [1, 3]}'], 1, ['workers: {count: 1, except: [1]}']],
    [['workers: {except: [2, 3], count: 2}'], 1, ['workers: {count: 1}']],
    [['workers:', '  except: # gone', '    - 2 # burnt', '  count: 2'], 1, ['workers:', '  count: 1']],
  ])('%j to %d', (before, count, after) => {
    expect(setPoolCount(pools(...before), 'workers', count)).toBe(pools(...after));
  });

  test('that it has already changes nothing', () => {
    expect(setPoolCount(local(), 'workers', 2)).toBe(local());
    expect(setPoolCount(pools('workers: {count: 2, except: [7]}'), 'workers', 2)).toBe(
      pools('workers: {count: 2, except: [7]}'),
    );
  });

  test('grows by as many as are added', () => {
    expect(addNodes(pools('workers: {count: 2}'), 'workers', 3)).toBe(pools('workers: {count: 5}'));
    expect(refused(() => addNodes(local(), 'workers', 0))).toEqual([
      'edit-impossible',
      '0 machines cannot be added',
      'Say how many: a whole number from 1 on.',
    ]);
  });
});

describe('pools that are only there by default', () => {
  const more = (workers: number, except = '') =>
    `nodes:\n  control-plane:\n    count: 1\n  workers:\n    count: ${workers}\n${except}`;

  test('are written out at the end of the file', () => {
    expect(setPoolCount(local(), 'workers', 3)).toBe(local(more(3)));
    expect(removeNodes(local('api: {} # mine\n'), ['workers-1'])).toBe(
      local(`api: {} # mine\n${more(1, '    except: [1]\n')}`),
    );
  });

  test('come after a blank line where the file has some, and before the end of the document', () => {
    expect(addNodes(`---\n${local('\napi:\n  port: 443\n...\n')}`, 'workers', 1)).toBe(
      `---\n${local(`\napi:\n  port: 443\n\n${more(3)}...\n`)}`,
    );
  });

  test('need no line break at the end of the file', () => {
    expect(addNodes(local('api:'), 'workers', 1)).toBe(local(`api:\n${more(3).trimEnd()}`));
  });

  test('are written in braces where the whole file is', () => {
    const text = (nodes: string) =>
      `{apiVersion: kubewright/v1alpha1, name: demo, provider: {local: {}}${nodes}} # mine\n`;
    expect(addNodes(text(''), 'workers', 1)).toBe(text(', nodes: {control-plane: {count: 1}, workers: {count: 3}}'));
  });
});

describe('a machine that is counted', () => {
  test.each([
    [['workers: {count: 3}'], ['workers-3'], ['workers: {count: 2}']],
    [['workers: {count: 3}'], ['workers-2'], ['workers: {count: 2, except: [2]}']],
    [['workers: {count: 3}'], ['workers-3', 'workers-1', 'workers-1'], ['workers: {count: 1, except: [1]}']],
    [['workers: {count: 3}'], ['workers-3', 'workers-2', 'workers-1'], ['workers: {count: 0}']],
    [['workers:', '  count: 3 # three'], ['workers-2'], ['workers:', '  count: 2 # three', '  except: [2]']],
    [
      ['workers:', '  count: 3', '  # why', '  except: [ 2 ] # that'],
      ['workers-1'],
      ['workers:', '  count: 2', '  # why', '  except: [ 1, 2 ] # that'],
    ],
    [
      ['workers:', '  count: 3', '  except:', '    - 2 # burnt', '    # on loan', '    - 4', '  labels: {}'],
      ['workers-3'],
      ['workers:', '  count: 2', '  except:', '    - 2 # burnt', '    - 3', '    # on loan', '    - 4', '  labels: {}'],
    ],
    [
      ['workers:', '  count: 2', '  except: [', '    2, # burnt', '    3, # on loan', '  ]'],
      ['workers-4'],
      ['workers:', '  count: 1'],
    ],
    [
      ['workers:', '  count: 2', '  except: [', '    1, # burnt', '    3 # on loan', '  ]'],
      ['workers-4'],
      ['workers:', '  count: 1', '  except: [', '    1, # burnt', '  ]'],
    ],
  ])('of %j goes: %j', (before, names, after) => {
    expect(removeNodes(pools(...before), names)).toBe(pools(...after));
  });

  test('goes together with others of other pools', () => {
    expect(removeNodes(pools('a: {count: 2}', 'b: {count: 2}'), ['b-1', 'a-2'])).toBe(
      pools('a: {count: 1}', 'b: {count: 1, except: [1]}'),
    );
  });

  test('may be none at all', () => {
    expect(removeNodes(local(), [])).toBe(local());
  });
});

describe('a machine that is listed goes', () => {
  test('with its lines, and with the comments beside it, in it and right above it', () => {
    const text = (...middle: readonly string[]) =>
      machines('hosts: # all', '  - {name: a, address: 10.0.1.1} # A', ...middle, '  # C', '  - {name: c, address: c}');
    const b = ['  # B', '  # too', '  - name: b # b', '    address: 10.0.1.2', '    # inside'];
    expect(removeNodes(text(...b), ['b'])).toBe(text());
    expect(removeNodes(text(...b), ['c', 'a'])).toBe(machines('hosts: # all', ...b));
  });

  test('without leaving two blank lines together', () => {
    const [a, b] = ['  - {name: a, address: a}', '  - {name: b, address: b}'];
    expect(removeNodes(machines('hosts:', a, '', b, ''), ['b'])).toBe(machines('hosts:', a, ''));
  });

  test('and leaves an empty list when it was the last', () => {
    expect(removeNodes(machines('hosts: # all', '  - name: a', '    address: a', 'labels: {}'), ['a'])).toBe(
      machines('hosts: [] # all', 'labels: {}'),
    );
    expect(removeNodes(machines('hosts:', '- {name: a, address: a}', '- {name: b, address: b}'), ['a', 'b'])).toBe(
      machines('hosts: []'),
    );
  });

  const list = '{name: a, address: a}, { name: b, address: b }, {name: c, address: c}';

  test.each([
    [`hosts: [${list}]`, ['a'], 'hosts: [{ name: b, address: b }, {name: c, address: c}]'],
    [`hosts: [${list}]`, ['b', 'c'], 'hosts: [{name: a, address: a}]'],
    [`hosts: [ ${list}, ] # all`, ['c'], 'hosts: [ {name: a, address: a}, { name: b, address: b }, ] # all'],
    [`hosts: [ ${list}, ] # all`, ['a', 'b', 'c'], 'hosts: [  ] # all'],
  ])('from %s: %j', (before, names, after) => {
    expect(removeNodes(machines(before), names)).toBe(machines(after));
  });

  test('from brackets over several lines', () => {
    const text = (...lines: readonly string[]) => machines('hosts: [', ...lines, ']');
    const all = ['  # A', '  {name: a, address: a}, # a', '  {name: b, address: b} # b'];
    expect(removeNodes(text(...all), ['a'])).toBe(text('  {name: b, address: b} # b'));
    expect(removeNodes(text(...all), ['b'])).toBe(text('  # A', '  {name: a, address: a}, # a'));
    expect(removeNodes(text(...all), ['a', 'b'])).toBe(text());
  });
});

describe('a machine is listed', () => {
  const d = { name: 'd', address: '10.0.1.4', port: 2222 };

  test.each([
    [['hosts: []'], ['hosts: [{ name: d, address: 10.0.1.4, port: 2222 }]']],
    [
      ['hosts: [', ']'],
      ['hosts: [{ name: d, address: 10.0.1.4, port: 2222 }', ']'],
    ],
    [
      ['hosts: [{name: a, address: a}] # all'],
      ['hosts: [{name: a, address: a}, {name: d, address: 10.0.1.4, port: 2222}] # all'],
    ],
    [
      ['hosts: [', '  { name: a, address: a } # A', ']'],
      ['hosts: [', '  { name: a, address: a }, # A', '  { name: d, address: 10.0.1.4, port: 2222 }', ']'],
    ],
    [
      ['hosts: [', '  {name: a, address: a}, # A', ']'],
      ['hosts: [', '  {name: a, address: a}, # A', '  {name: d, address: 10.0.1.4, port: 2222},', ']'],
    ],
    [
      ['hosts:', '  - {name: a, address: a} # A', 'labels: {}'],
      ['hosts:', '  - {name: a, address: a} # A', '  - {name: d, address: 10.0.1.4, port: 2222}', 'labels: {}'],
    ],
    [
      ['hosts:', '  -   name: a', '      address: a', '      # inside', '', '# beside', 'labels: {}'],
      [
        ...['hosts:', '  -   name: a', '      address: a', '      # inside'],
        ...['  - name: d', '    address: 10.0.1.4', '    port: 2222', '', '# beside', 'labels: {}'],
      ],
    ],
  ])('in %j', (before, after) => {
    expect(addHost(machines(...before), 'workers', d)).toBe(machines(...after));
  });

  test('with everything that there is to say, in words that are read again', () => {
    const host = {
      ...{ name: 'd.e', address: 'd.example.com', internalAddress: '10.0.1.4', user: 'null', port: 22 },
      ...{ identityFile: "~/it's: #1, {a}", sudoPassword: { env: 'PASSWORD' } as const },
      hostKey: { pinned: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIILO1Bm+QhdvnaD5ohZG54705lvIcjeNSRdVJCg0HBkh'] },
    };
    for (const like of ['hosts: []', 'hosts: [{name: a, address: a}]', 'hosts:\n      - name: a\n        address: a']) {
      expect(clusterOf(addHost(machines(like), 'workers', host)).nodes.at(-1)).toMatchObject({
        name: 'd.e',
        host: {
          ...{ address: 'd.example.com', internalAddress: '10.0.1.4', user: 'null', port: 22 },
          identityFile: join(homedir(), "it's: #1, {a}"),
          sudoPassword: { kind: 'environment', name: 'PASSWORD' },
          hostKey: { kind: 'pinned', keys: host.hostKey.pinned },
        },
      });
    }
  });
});

test('line ends are those of the file, and its first mark stays', () => {
  const windows = (text: string) => `\ufeff${text.replaceAll('\n', '\r\n')}`;
  expect(addNodes(windows(local()), 'workers', 1)).toBe(windows(addNodes(local(), 'workers', 1)));
  const counted = pools('workers:', '  count: 3');
  expect(removeNodes(windows(counted), ['workers-1'])).toBe(windows(removeNodes(counted, ['workers-1'])));
  const listed = machines('hosts:', '  # A', '  - {name: a, address: a} # a', '  - name: b', '    address: b');
  expect(removeNodes(windows(listed), ['a'])).toBe(windows(removeNodes(listed, ['a'])));
  const d = { name: 'd', address: 'd' };
  expect(addHost(windows(listed), 'workers', d)).toBe(windows(addHost(listed, 'workers', d)));
});

describe('refused is', () => {
  test('what would not be valid, with what would be wrong', () => {
    expect(refused(() => setPoolCount(local(), 'control-plane', 2, 'my.yaml'))).toEqual([
      'edit-impossible',
      'my.yaml would not be valid any more: the number of control planes must be odd, got 2',
      expect.stringMatching(/^Take 1 or 3: /),
    ]);
    expect(refused(() => setPoolCount(local(), 'workers', 2.5))[1]).toContain('from 0 to 1000, got 2.5');
    expect(refused(() => setPoolCount(local(), 'workers', -1))[1]).toContain('from 0 to 1000, got -1');
    expect(refused(() => addNodes(local(), 'workers', 1e9))[1]).toContain('got 1000000002');
    const taken = { name: 'cp', address: 'b' };
    expect(refused(() => addHost(machines('hosts: []'), 'workers', taken))[1]).toBe(
      'cluster.yaml would not be valid any more: nodes.workers.hosts[0].name: nodes.control-plane.hosts[0] has cp already',
    );
  });

  test('what is not there, and the nearest is named', () => {
    expect(refused(() => addNodes(local(), 'wokers', 1))).toEqual([
      'edit-impossible',
      'cluster.yaml has no pool "wokers"',
      'Did you mean workers?',
    ]);
    expect(refused(() => addNodes(local(), 'gpu', 1))[2]).toBe('The pools: control-plane, workers.');
    expect(refused(() => removeNodes(local(), ['worker-2']))).toEqual([
      'unknown-host',
      'cluster.yaml has no node "worker-2"',
      'Did you mean workers-2?',
    ]);
  });

  test('to count what is listed, and to list what is counted', () => {
    expect(refused(() => setPoolCount(machines('hosts: []'), 'workers', 2))).toEqual([
      'edit-impossible',
      'nodes.workers lists its machines: it has no number that could be set',
      'Add or remove its machines one by one, by their names.',
    ]);
    expect(refused(() => addHost(local(), 'workers', { name: 'a', address: 'a' }))[1]).toBe(
      'nodes.workers counts its machines, which the provider local makes: none can be listed',
    );
  });

  test('a text that is not valid to begin with', () => {
    expect(refused(() => addNodes(local('api: {port: x}'), 'workers', 1))[0]).toBe('config-invalid');
  });

  test.each([
    ['nodes: {control-plane: {count: &n 1}, workers: {count: *n}}', 'nodes.workers.count is the alias *n'],
    [
      'nodes: {control-plane: {count: 1}, workers: {count: &n 3}, w: {count: *n}}',
      'nodes.workers.count has the anchor &n',
    ],
    ['nodes: {control-plane: {count: 1}, workers: &w {count: 3}, w: *w}', 'nodes.workers has the anchor &w'],
    ['nodes: {control-plane: {count: 1}, w: &w {count: 3}, workers: *w}', 'nodes.workers is the alias *w'],
  ])('what stands in several places: %s', (line, message) => {
    expect(refused(() => addNodes(local(line), 'workers', 1))[1]).toContain(message);
    expect(refused(() => removeNodes(local(line), ['workers-1']))[1]).toContain(message);
  });

  test('an entry that others refer to, but not one that refers to others', () => {
    const text = machines('hosts:', '  - {name: a, address: a, user: &u x}', '  - {name: b, address: b, user: *u}');
    expect(refused(() => removeNodes(text, ['a']))[1]).toBe(
      'nodes.workers.hosts[0] has the anchor &u: where *u stands would change too',
    );
    expect(removeNodes(text, ['b'])).toBe(machines('hosts:', '  - {name: a, address: a, user: &u x}'));
  });

  test('a form that is beyond it', () => {
    const text = local('nodes:\n  ? control-plane\n  : {count: 1}\n  workers:\n    ? count\n    : 3\n');
    expect(setPoolCount(text, 'workers', 2)).toBe(text.replace(': 3', ': 2'));
    expect(refused(() => removeNodes(text, ['workers-1']))[1]).toContain('is written in a way that cannot be changed');
  });
});
