import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addHost, addNodes, removeNodes, setPoolCount } from '../../src/config/edit.js';
import { clusterOf } from './problems.js';

/** A line of a file, and what it goes with: the entry of a machine, the list of numbers left out, or nothing. */
interface Line {
  readonly text: string;
  readonly of?: string | undefined;
}

interface Pool {
  readonly name: string;
  readonly lines: readonly Line[];
}

/** A comment line, a blank line, or none: what people have between lines. */
const between = (indent: string, of?: string): fc.Arbitrary<readonly Line[]> =>
  fc.constantFrom<readonly Line[]>(
    [],
    [],
    [{ text: `${indent}# it's: a [note] {about} ${of ?? 'all'}`, of }],
    [{ text: '' }],
  );
const beside = fc.constantFrom('', ' # beside: - 1', '   #');
const spaces = fc.constantFrom('  ', '    ');

/** Pools that are counted, written in every style. */
const countedPool = (name: string, count: number, except: readonly number[]): fc.Arbitrary<Pool> => {
  const flow = fc.tuple(beside, fc.boolean(), fc.boolean()).map(([comment, isTight, isFirst]) => {
    const fields = [`count: ${count}`, ...(except.length > 0 ? [`except: [${except.join(',')}]`] : [])];
    const inner = (isFirst ? fields : fields.toReversed()).join(', ');
    return [{ text: `  ${name}: ${isTight ? `{${inner}}` : `{ ${inner} }`}${comment}`, of: 'count' }];
  });
  const block = fc
    .record({
      indent: spaces,
      above: between('      '),
      comment: beside,
      quote: fc.constantFrom('', '"'),
      labels: fc.boolean(),
    })
    .chain(({ indent, above, comment, quote, labels }) =>
      exceptLines(`  ${indent}`, except).map((list): readonly Line[] => [
        { text: `  ${quote}${name}${quote}:${comment}` },
        ...above,
        ...(labels ? [{ text: `  ${indent}labels: {a:   b}${comment}` }] : []),
        { text: `  ${indent}count:   ${count}${comment}`, of: 'count' },
        ...list,
      ]),
    );
  return fc.oneof(flow, block).map((lines) => ({ name, lines }));
};

const exceptLines = (indent: string, except: readonly number[]): fc.Arbitrary<readonly Line[]> => {
  if (except.length === 0) return fc.constant([]);
  const flow = beside.map((comment) => [{ text: `${indent}except: [ ${except.join(', ')} ]${comment}`, of: 'except' }]);
  const block = fc
    .array(fc.tuple(between(`${indent}  `, 'except'), beside), { minLength: 9, maxLength: 9 })
    .map((notes) => [
      { text: `${indent}except:`, of: 'except' },
      ...except.flatMap((number, index): readonly Line[] => [
        ...(notes[index]?.[0] ?? []),
        { text: `${indent}  - ${number}${notes[index]?.[1]}`, of: 'except' },
      ]),
    ]);
  return fc.oneof(flow, block);
};

/** Pools that list their machines, written in every style. */
const listedPool = (name: string, machines: readonly string[]): fc.Arbitrary<Pool> => {
  const line = (machine: string) => `{name: ${machine}, address: ${machine}.example.com}`;
  const head = { text: `  ${name}:` };
  const oneLine = beside.map((comment) => [
    { text: `  ${name}: {hosts: [${machines.map(line).join(', ')}]}${comment}`, of: 'list' },
  ]);
  const brackets = fc.tuple(beside, fc.boolean()).map(([comment, isOpen]) => [
    head,
    { text: '    hosts: [', of: 'list' },
    ...machines.map((machine, index) => ({
      text: `        ${line(machine)}${isOpen && index === machines.length - 1 ? '' : ','}${comment}`,
      of: machine,
    })),
    { text: '    ]' },
  ]);
  const block = fc
    .tuple(beside, fc.constantFrom('    ', '      '))
    .chain(([comment, indent]) =>
      fc
        .tuple(...machines.map((machine) => entryLines(machine, indent)))
        .map((entries) => [head, { text: `    hosts:${comment}`, of: 'list' }, ...entries.flat()]),
    );
  return fc.oneof(oneLine, brackets, machines.length > 0 ? block : brackets).map((lines) => ({ name, lines }));
};

const entryLines = (machine: string, indent: string): fc.Arbitrary<readonly Line[]> =>
  fc
    .record({
      above: between(indent, machine),
      inside: between(`${indent}  `, machine),
      comment: beside,
      isFlow: fc.boolean(),
    })
    .map(({ above, inside, comment, isFlow }) => {
      const own = isFlow
        ? [`${indent}- { name: ${machine}, address: ${machine}.example.com }${comment}`]
        : [`${indent}- name: ${machine}${comment}`, `${indent}  address:   ${machine}.example.com`];
      const isBlank = inside[0]?.text === '';
      return [...above, ...own.map((text) => ({ text, of: machine })), ...(isBlank ? [] : inside)];
    });

const file = (provider: string, pools: readonly fc.Arbitrary<Pool>[]) =>
  fc
    .record({
      pools: fc.tuple(...pools),
      notes: fc.array(between(''), { minLength: 9, maxLength: 9 }),
      end: fc.constantFrom('\n', '\r\n'),
    })
    .map(({ pools: written, notes: [a = [], b = [], c = []], end }) => {
      const lines: readonly Line[] = [
        ...[...a, { text: 'apiVersion:   kubewright/v1alpha1 # first' }, { text: `name: "demo"` }, ...b],
        ...[{ text: `provider: {${provider}: {}}` }, { text: 'nodes:' }, ...written.flatMap((pool) => pool.lines)],
        ...[...c, { text: 'api: {port:   443}   # last' }, { text: '# the end' }],
      ];
      return { lines, text: lines.map(({ text }) => text + end).join(''), end };
    });

const controlPlane = fc.constant<Pool>({
  name: 'control-plane',
  lines: [{ text: '  control-plane: {count:   1} # odd' }],
});
const listedControlPlane = fc.constant<Pool>({
  name: 'control-plane',
  lines: [{ text: '  control-plane: {hosts: [{name: cp, address: cp.example.com}]}' }],
});

/** A pool of that many machines, of whose numbers these are left out, and a file that it stands in. */
const counted = fc
  .record({
    count: fc.integer({ min: 0, max: 6 }),
    except: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
  })
  .chain((pool) =>
    fc.record({
      pool: fc.constant(pool),
      file: file('local', [controlPlane, countedPool('w', pool.count, pool.except), countedPool('x', 2, [])]),
      draw: fc.integer({ min: 0, max: 63 }),
    }),
  );

const listed = fc.uniqueArray(fc.constantFrom('m-a', 'm-b', 'm-c', 'm-d', 'm-e'), { maxLength: 5 }).chain((machines) =>
  fc.record({
    machines: fc.constant(machines),
    file: file('hosts', [listedControlPlane, listedPool('w', machines), listedPool('x', ['y', 'z'])]),
    draw: fc.integer({ min: 0, max: 31 }),
  }),
);

const namesIn = (text: string, pool: string) =>
  clusterOf(text).nodes.flatMap((node) => (node.pool === pool ? [node.name] : []));

/** All lines but those of these things are in the outcome, to the byte and in order; of blank lines one may go. */
function expectKept(before: { lines: readonly Line[]; end: string }, after: string, touched: readonly string[]): void {
  const kept = before.lines.filter(({ text, of }) => text !== '' && !(of !== undefined && touched.includes(of)));
  let at = 0;
  for (const { text } of kept) {
    const line = `${text}${before.end}`;
    const found = after.startsWith(line, at) ? at : after.indexOf(`\n${line}`, Math.max(0, at - 1)) + 1;
    expect(found > 0 || after.startsWith(line, at), `${JSON.stringify(line)} is not in ${JSON.stringify(after)}`).toBe(
      true,
    );
    at = found + line.length;
  }
  const written = after.split(before.end).filter((line) => line !== '');
  expect(written.length).toBeGreaterThanOrEqual(kept.length);
  expect(after.replaceAll('\r\n', '\n').includes('\r')).toBe(false);
  if (before.end === '\r\n') expect(/[^\r]\n/.test(after)).toBe(false);
}

/** Comments beside the fields that were changed. */
const comments = (lines: readonly Line[], of: string) =>
  lines.filter((line) => line.of === of).map(({ text }) => /\s#.*$/.exec(text)?.[0] ?? '');

test('a pool that is counted gets any count, and the rest of the file stays as it is', () => {
  fc.assert(
    fc.property(counted, ({ pool, file: before, draw }) => {
      const count = draw % 9;
      const after = setPoolCount(before.text, 'w', count);
      const numbers = Array.from({ length: 20 }, (_, i) => i + 1).filter((number) => !pool.except.includes(number));
      expect(namesIn(after, 'w')).toEqual(numbers.slice(0, count).map((number) => `w-${number}`));
      expect(namesIn(after, 'x')).toEqual(['x-1', 'x-2']);
      expectKept(before, after, ['count', ...(count < pool.count ? ['except'] : [])]);
      for (const comment of comments(before.lines, 'count')) expect(after).toContain(comment);
      if (count > pool.count) expect(addNodes(before.text, 'w', count - pool.count)).toBe(after);
    }),
  );
});

test('any machines that are counted go, and the others keep their names', () => {
  fc.assert(
    fc.property(counted, ({ file: before, draw }) => {
      const names = namesIn(before.text, 'w');
      const gone = names.filter((_, index) => (draw >> index) % 2 === 1);
      const after = removeNodes(before.text, gone);
      const stay = names.filter((name) => !gone.includes(name));
      expect(namesIn(after, 'w')).toEqual(stay);
      expectKept(before, after, ['count', 'except']);
      for (const comment of comments(before.lines, 'count')) expect(after).toContain(comment);
      if (gone.length === 0) return;
      const except = (/except: *\[([^\]]*)\]/.exec(after)?.[1] ?? '').split(',').map(Number);
      const highest = Number(stay.at(-1)?.slice(2) ?? 0);
      for (const number of except) expect(number).toBeLessThanOrEqual(highest);
    }),
  );
});

test('any machines that are listed go, with their comments and nothing else', () => {
  fc.assert(
    fc.property(listed, ({ machines, file: before, draw }) => {
      const gone: readonly string[] = machines.filter((_, index) => (draw >> index) % 2 === 1);
      const after = removeNodes(before.text, gone);
      const stay = machines.filter((name) => !gone.includes(name));
      expect(namesIn(after, 'w')).toEqual(stay);
      expect(namesIn(after, 'x')).toEqual(['y', 'z']);
      expectKept(before, after, [...gone, 'list']);
      const left = before.lines.filter(({ text, of = '' }) => text !== '' && !gone.includes(of));
      expect(after.split(before.end).filter((line) => line !== '')).toHaveLength(left.length);
    }),
  );
});

test('a machine more is listed, and the others stay as they are', () => {
  fc.assert(
    fc.property(listed, ({ machines, file: before }) => {
      const after = addHost(before.text, 'w', { name: 'new', address: '10.9.9.9', user: 'admin' });
      expect(namesIn(after, 'w')).toEqual([...machines, 'new']);
      const last = machines.at(-1);
      expectKept(before, after, ['list', ...(last === undefined ? [] : [last])]);
      expect(namesIn(removeNodes(after, ['new']), 'w')).toEqual(machines);
      for (const comment of comments(before.lines, last ?? '')) expect(after).toContain(comment);
    }),
  );
});
