import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/core/events.js';
import { drawFrame } from '../../src/ui/frame.js';
import { widthOf } from '../../src/ui/text.js';
import { createPaint, marksFor, type Theme } from '../../src/ui/theme.js';
import { createTracker } from '../../src/ui/tracker.js';
import { story } from './story.js';

const plain: Theme = { paint: createPaint(false), marks: marksFor(true) };

/** The picture of a story at some second of it. */
async function pictureAt(
  second: number,
  size: { readonly columns: number; readonly rows: number },
  options: { readonly workers?: number; readonly failing?: boolean; readonly theme?: Theme } = {},
): Promise<string> {
  const { workers = 2, failing = false, theme = plain } = options;
  const tracker = createTracker();
  for (const { at, event } of await story({ workers, failing })) {
    if (at <= second * 1000) tracker.apply(event, at);
  }
  const lines = drawFrame(tracker.view, { ...size, now: second * 1000, theme });
  return `\n${lines.join('\n')}\n`;
}

describe('at 80 columns', () => {
  const size = { columns: 80, rows: 24 };

  test('machines boot while this machine fetches', async () => {
    expect(await pictureAt(2, size)).toMatchInlineSnapshot(`
      "

      up demo  ━━━────────────────────────────────────────────────  1 of 14 steps  2s
      ● cp-1          boot the machine                   1s  Starting systemd-journa…
      ● worker-1      boot the machine                   1s  Starting systemd-journa…
      ● worker-2      boot the machine                   1s  Starting systemd-journa…
      ● this machine  have the artifacts for amd64       2s   57%  4 of 7  k8s.io/ku…
      "
    `);
  });

  test('a host has failed while the others go on', async () => {
    expect(await pictureAt(12, size, { failing: true })).toMatchInlineSnapshot(`
      "

      up demo  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━──────────────────  9 of 14 steps  12s
      ● cp-1      prepare the host: binaries, c…       6s   75%  264 of 352 MB  impo…
      ● worker-1  prepare the host: binaries, c…       4s   50%  176 of 352 MB  impo…
      ✗ worker-2  failed: prepare the host: binaries, containerd, images
      "
    `);
  });

  test('workers wait for the control plane', async () => {
    expect(await pictureAt(18, size)).toMatchInlineSnapshot(`
      "

      up demo  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━──────────────────────  8 of 14 steps  18s
      ● cp-1      start the control plane (kube…       4s  [kubelet-check] Waiting f…
      ○ worker-1  waiting, 2 of 3 steps done
      ○ worker-2  waiting, 2 of 3 steps done
      "
    `);
  });

  test('without Unicode', async () => {
    expect(await pictureAt(12, size, { theme: { ...plain, marks: marksFor(false) } })).toMatchInlineSnapshot(`
      "

      up demo  =================---------------------------------  5 of 14 steps  12s
      * cp-1      prepare the host: binaries,...       6s   75%  264 of 352 MB  im...
      * worker-1  prepare the host: binaries,...       4s   50%  176 of 352 MB  im...
      * worker-2  prepare the host: binaries,...       4s   25%  88 of 352 MB  imp...
      "
    `);
  });
});

describe('at 200 columns', () => {
  const size = { columns: 200, rows: 50 };

  test('there is room for roles, bars and what is worked on', async () => {
    expect(await pictureAt(12, size)).toMatchInlineSnapshot(`
      "

      up demo  ━━━━━━━━━━━━━━━━━━━━━───────────────────────────────────────  5 of 14 steps  12s
      ● cp-1      control-plane  prepare the host: binaries, containerd, images                 6s  ━━━━━━━━━─── 75%  264 of 352 MB  importing flannel:v0.28.10
      ● worker-1  worker         prepare the host: binaries, containerd, images                 4s  ━━━━━━────── 50%  176 of 352 MB  importing coredns:v1.14.2
      ● worker-2  worker         prepare the host: binaries, containerd, images                 4s  ━━━───────── 25%  88 of 352 MB  importing kube-proxy:v1.36.3
      "
    `);
  });

  test('a host has failed while the others go on', async () => {
    expect(await pictureAt(20, size, { failing: true, workers: 3 })).toMatchInlineSnapshot(`
      "

      up demo  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━───────────────  13 of 17 steps  20s
      ● cp-1      control-plane  start the control plane (kubeadm init)                         6s  [control-plane-check] kube-apiserver is healthy after 4.501s
      ○ worker-1  worker         waiting, 2 of 3 steps done
      ○ worker-2  worker         waiting, 2 of 3 steps done
      ✗ worker-3  worker         failed: prepare the host: binaries, containerd, images
      "
    `);
  });
});

test('hosts that find no room are summed up, and those that failed or run are shown first', async () => {
  expect(await pictureAt(12, { columns: 80, rows: 9 }, { workers: 40, failing: true })).toMatchInlineSnapshot(`
    "
    up demo  ━━━━━━━━━━━━━━━━━───────────────────────────────  47 of 128 steps  12s
    ● cp-1       prepare the host: binaries, c…       6s   75%  264 of 352 MB  imp…
    ● worker-1   prepare the host: binaries, c…       4s   50%  176 of 352 MB  imp…
    ● worker-2   prepare the host: binaries, c…       4s   25%  88 of 352 MB  impo…
    ● worker-3   prepare the host: binaries, c…       4s   25%  88 of 352 MB  impo…
    ● worker-4   prepare the host: binaries, c…       4s   25%  88 of 352 MB  impo…
    ✗ worker-40  failed: prepare the host: binaries, containerd, images
      … and 35 more: 35 running
    "
  `);
});

test('before the run has begun there is no picture', () => {
  expect(drawFrame(createTracker().view, { columns: 80, rows: 24, now: 0, theme: plain })).toEqual([]);
});

test('whatever the size of the terminal and the text, no line is too wide and there are never too many', async () => {
  const hostile = fc.string({ unit: 'grapheme', maxLength: 60 });
  await fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 250 }),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(70),
      hostile,
      hostile,
      fc.nat(99 * 86_400_000),
      (columns, rows, count, title, line, done) => {
        const names = Array.from({ length: count }, (_, at) => `${'n'.repeat(at % 50)}-${at}`);
        const tracker = createTracker();
        const events: Event[] = [
          {
            ...{ type: 'run', state: 'started', verb: 'up', cluster: 'demo', steps: count },
            hosts: names.map((name) => ({ name, role: 'control-plane' })),
          },
          ...names.flatMap((host, at): Event[] => [
            { type: 'step', id: `${host}/x`, title: `x${title}`.trim(), phase: 'p', host, state: 'checking' },
            { type: 'output', id: `${host}/x`, host, stream: 'stdout', line },
            ...(at % 3 === 0
              ? [
                  {
                    type: 'progress',
                    id: `${host}/x`,
                    done,
                    total: at % 2 === 0 ? 7 : undefined,
                    unit: 'bytes',
                  } as const,
                ]
              : []),
          ]),
        ];
        for (const event of events) tracker.apply(event, 0);
        const lines = drawFrame(tracker.view, { columns, rows, now: done, theme: plain });
        for (const text of lines) expect(widthOf(text)).toBeLessThan(Math.max(2, columns));
        expect(lines.length).toBeLessThan(Math.max(2, rows));
      },
    ),
  );
});
