import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KubewrightError } from '../../src/core/errors.js';
import type { Step } from '../../src/core/step.js';
import { changing, current, reading, run } from './steps.js';

interface Node {
  readonly needs: readonly number[];
  readonly after: readonly number[];
  readonly limits: readonly ('x' | 'y')[];
  readonly behaviour: 'read' | 'current' | 'change' | 'fail' | 'refuse';
  readonly asks: boolean;
}

/** Graphs without cycles: each step waits only for earlier ones. They run in a random order of their places. */
const graphs = fc
  .array(
    fc.record({
      needs: fc.uniqueArray(fc.nat(30), { maxLength: 4 }),
      after: fc.uniqueArray(fc.nat(30), { maxLength: 3 }),
      limits: fc.subarray<'x' | 'y'>(['x', 'y']),
      behaviour: fc.constantFrom<Node['behaviour']>('read', 'current', 'change', 'change', 'fail', 'refuse'),
      asks: fc.boolean(),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((nodes) =>
    nodes.map((node, at) => {
      const earlier = (places: readonly number[]) => (at === 0 ? [] : unique(places.map((n) => n % at)));
      return { ...node, needs: earlier(node.needs), after: earlier(node.after) };
    }),
  );

const cases = fc.record({
  graph: graphs,
  order: fc.infiniteStream(fc.nat()),
  limits: fc.record({ x: fc.integer({ min: 1, max: 3 }), y: fc.integer({ min: 1, max: 3 }) }),
  scheduler: fc.scheduler(),
});

test('whatever the graph, the durations and the failures: edges and limits hold, every step ends, and a failure takes only its dependants', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ graph, order, limits, scheduler }) => {
      const world = createWorld(graph, limits, (work) => scheduler.schedule(Promise.resolve()).then(work));
      const steps = shuffled(world.steps, order);
      const result = await scheduler.waitFor(run(steps, { limits }));

      expect(world.problems).toEqual([]);
      for (const [at, node] of graph.entries()) {
        const state = result.outcomes.get(`s${at}`)?.state;
        const doomed = ancestors(graph, at).some((before) => isFailing(graph[before]));
        if (doomed) expect(state).toBe('skipped');
        else expect(state).toBe(OUTCOME[node.behaviour]);
      }
      expect(result.result).toBe(graph.some(isFailing) ? 'failed' : 'done');
    }),
  );
});

test('whatever the graph, plan applies nothing, and each step is looked at unless what it needs could not be', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ graph, order, limits, scheduler }) => {
      const world = createWorld(graph, limits, (work) => scheduler.schedule(Promise.resolve()).then(work));
      const result = await scheduler.waitFor(run(shuffled(world.steps, order), { limits, mode: 'plan' }));

      expect(world.problems).toEqual([]);
      expect(world.applied).toEqual([]);
      const states = graph.map((_, at) => result.outcomes.get(`s${at}`)?.state);
      for (const [at, node] of graph.entries()) {
        const before = node.needs.map((need) => states[need]);
        const hasNoOutput = (state: string | undefined) => state === 'drifted' || state === 'unknown';
        if (ancestors(graph, at).some((ancestor) => states[ancestor] === 'failed')) expect(states[at]).toBe('skipped');
        else if (node.asks && before.some(hasNoOutput)) expect(states[at]).toBe('unknown');
        else expect(states[at]).toBe(PLANNED[node.behaviour]);
      }
    }),
  );
});

test('whenever it is stopped or aborted, the run ends, what ran has finished, and nothing was started afterwards', async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.nat(20), fc.constantFrom('stop', 'abort'), async (one, when, how) => {
      const { graph, order, limits, scheduler } = one;
      const stop = new AbortController();
      let turns = 0;
      const world = createWorld(graph, limits, async (work) => {
        await scheduler.schedule(Promise.resolve());
        if (turns++ === when) stop.abort();
        return work();
      });
      const steps = world.steps.map((step) => guarded(step, () => stop.signal.aborted, world.problems));
      const result = await scheduler.waitFor(run(shuffled(steps, order), { limits, [how]: stop.signal }));

      expect(world.problems).toEqual([]);
      // One that had only been looked at counts as running for the world, which waits for it to be applied.
      for (const at of world.running) expect(result.outcomes.get(`s${at}`)?.state).toBe('drifted');
      // Whatever an aborted step throws is taken for a consequence of that.
      const left = [...result.outcomes.values()].some(
        ({ state, error }) => state === 'not-started' || state === 'drifted' || error?.code === 'interrupted',
      );
      expect(result.result === 'interrupted').toBe(left);
    }),
  );
});

const OUTCOME = { read: 'read', current: 'unchanged', change: 'changed', fail: 'failed', refuse: 'failed' } as const;
const PLANNED = { read: 'read', current: 'unchanged', change: 'drifted', fail: 'drifted', refuse: 'failed' } as const;

/** Steps that watch over the rules as they run: whatever is broken is written down in `problems`. */
function createWorld(
  graph: readonly Node[],
  limits: Readonly<Record<'x' | 'y', number>>,
  takingTime: <Result>(work: () => Result) => Promise<Result>,
) {
  const problems: string[] = [];
  const applied: string[] = [];
  const ended = new Set<number>();
  const running = new Set<number>();
  /** Ended, or never to begin, since something that it needs has failed. */
  const over = (at: number) => ended.has(at) || ancestors(graph, at).some((before) => failed.has(before));
  const failed = new Set<number>();
  const steps = graph.map((node, at): Step => {
    const id = `s${at}`;
    const parts = {
      needs: node.needs.map((need) => `s${need}`),
      after: node.after.map((before) => `s${before}`),
      limits: node.limits,
    };
    const begin = (context: { output(ref: { id: string }): unknown }) => {
      for (const need of node.needs) if (!ended.has(need)) problems.push(`${id} began before s${need} had ended`);
      for (const before of node.after) if (!over(before)) problems.push(`${id} began before s${before} was over`);
      running.add(at);
      for (const limit of ['x', 'y'] as const) {
        const holders = [...running].filter((place) => graph[place]?.limits.includes(limit));
        if (holders.length > limits[limit]) problems.push(`${limit} is taken by ${holders}`);
      }
      if (node.asks) for (const need of parts.needs) context.output({ id: need });
    };
    const end = () => {
      running.delete(at);
      ended.add(at);
    };
    const fail = (): never => {
      failed.add(at);
      throw new KubewrightError('timeout', id);
    };
    const during = async <Result>(work: () => Result, last: boolean) => {
      try {
        const result = await takingTime(work);
        if (last) end();
        return result;
      } catch (error) {
        end();
        throw error;
      }
    };
    const beginning = (context: Parameters<typeof begin>[0]) => {
      try {
        begin(context);
      } catch (error) {
        end();
        throw error;
      }
    };
    if (node.behaviour === 'read') {
      return reading(id, {
        ...parts,
        read: async (context) => {
          beginning(context);
          return during(() => id, true);
        },
      });
    }
    if (node.behaviour === 'current') {
      return current(id, {
        ...parts,
        check: async (context) => {
          beginning(context);
          return during(() => ({ kind: 'current', output: id }) as const, true);
        },
      });
    }
    return changing(id, {
      ...parts,
      check: async (context) => {
        beginning(context);
        const verdict = { kind: 'drifted', changes: [] } as const;
        return during(() => (node.behaviour === 'refuse' ? fail() : verdict), context.mode === 'plan');
      },
      apply: async () => {
        applied.push(id);
        running.add(at);
        return during(() => (node.behaviour === 'fail' ? fail() : id), true);
      },
    });
  });
  return { steps, problems, applied, running };
}

/** The same step, telling when it is begun or applied after the stop; one that was only looking ends by that. */
function guarded(step: Step, stopped: () => boolean, problems: string[]): Step {
  const watch = (what: string) => {
    if (stopped()) problems.push(`${what} ${step.id} after the stop`);
  };
  if (step.kind === 'read') {
    return {
      ...step,
      read: (context) => {
        watch('read');
        return step.read(context);
      },
    };
  }
  return {
    ...step,
    check: (context) => {
      watch('checked');
      return step.check(context);
    },
    apply: (context, changes) => {
      watch('applied');
      return step.apply(context, changes);
    },
  };
}

function isFailing(node: Node | undefined): boolean {
  return node?.behaviour === 'fail' || node?.behaviour === 'refuse';
}

function ancestors(graph: readonly Node[], at: number): readonly number[] {
  const needs = graph[at]?.needs ?? [];
  return unique([...needs, ...needs.flatMap((need) => ancestors(graph, need))]);
}

function unique(places: readonly number[]): readonly number[] {
  return [...new Set(places)];
}

function shuffled<Item>(items: readonly Item[], order: Iterator<number>): readonly Item[] {
  return items
    .map((item) => ({ item, at: Number(order.next().value) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
