import { expect, test } from 'vitest';
import { KubewrightError } from '../../src/core/errors.js';
import { renderError } from '../../src/ui/errors.js';

const style = { colours: false, width: 80, unicode: true };
const shown = (error: unknown, more: object = {}) => `\n${renderError(error, { ...style, ...more })}\n`;

test('a remote failure is told with place, command, last lines and what to do next', () => {
  const error = new KubewrightError('remote-command-failed', 'containerd did not start: exit code 1', {
    host: 'worker-2',
    step: 'start containerd',
    command: "systemctl restart containerd\necho 'two'",
    output: [
      'Job for containerd.service failed because the control process exited with error code, and more of it.',
      '\u001b[31mred\u001b[0m',
    ],
    hint: 'Look at its log on the host: journalctl -u containerd. Then run the same command again, which goes on.',
  });
  expect(shown(error)).toMatchInlineSnapshot(`
    "
    ✗ worker-2 · start containerd
      containerd did not start: exit code 1 (remote-command-failed)
      $ systemctl restart containerd
        echo 'two'
      │ Job for containerd.service failed because the control process exited with
      │ error code, and more of it.
      │ red
      → Look at its log on the host: journalctl -u containerd. Then run the same
        command again, which goes on.
    "
  `);
  expect(shown(error, { unicode: false, width: 60 })).toMatchInlineSnapshot(`
    "
    x worker-2 - start containerd
      containerd did not start: exit code 1
      (remote-command-failed)
      $ systemctl restart containerd
        echo 'two'
      | Job for containerd.service failed because the control
      | process exited with error code, and more of it.
      | red
      > Look at its log on the host: journalctl -u containerd.
        Then run the same command again, which goes on.
    "
  `);
});

test('without a place the message is the headline, and the advice of its kind stands in for a hint', () => {
  expect(shown(new KubewrightError('usage', 'unknown verb "pu"'))).toMatchInlineSnapshot(`
    "
    ✗ unknown verb "pu" (usage)
      → \`kubewright help VERB\` shows the flags and examples of a verb.
    "
  `);
});

test('a message of many lines keeps its lists', () => {
  const message =
    'two hosts cannot become nodes:\n  a: swap is on\n  b: port 6443 is taken by nginx (process 812), which listens on all addresses';
  expect(shown(new KubewrightError('preflight-failed', message, { hint: 'Mend them.' }))).toMatchInlineSnapshot(`
    "
    ✗ two hosts cannot become nodes:
        a: swap is on
        b: port 6443 is taken by nginx (process 812), which listens on all addresses
      (preflight-failed)
      → Mend them.
    "
  `);
});

test('of a long script the beginning is shown', () => {
  const command = Array.from({ length: 40 }, (_, at) => `line ${at}`).join('\n');
  const text = shown(new KubewrightError('timeout', 'late', { host: 'a', command, hint: 'wait' }));
  expect(text).toContain('$ line 0\n    line 1');
  expect(text).toContain('    line 5\n    (and 34 more lines)\n');
  expect(text).not.toContain('line 6\n');
});

test('an error that was told when it happened is short', () => {
  const details = { host: 'a', step: 'boot', command: 'x', output: ['y'], hint: 'z', reported: true } as const;
  expect(shown(new KubewrightError('timeout', 'it is late\nvery late', details))).toBe('\n✗ a · boot: it is late\n');
  const several = new KubewrightError('steps-failed', '2 steps failed\n  a · boot: late\n  b: late', {
    reported: true,
  });
  expect(shown(several)).toBe('\n✗ 2 steps failed\n    a · boot: late\n    b: late\n');
});

test('what is not an error of ours is shown with its stack, as a bug to report', () => {
  const text = shown(new TypeError('x is not a function'), { width: 400 });
  expect(text).toMatch(/✗ TypeError: x is not a function\n {6}at .*errors\.test\.ts/);
  expect(text).toContain('Please report it');
  expect(shown('only a string')).toContain('✗ only a string (internal)');
});

test('with colours the same words are there', () => {
  const error = new KubewrightError('timeout', 'late', { host: 'a', step: 'boot', command: 'x', output: ['y'] });
  const coloured = renderError(error, { ...style, colours: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken away.
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderError(error, style));
  expect(coloured).toContain('\u001b[31m✗\u001b[39m');
});

test('text from elsewhere cannot touch the terminal', () => {
  const evil = '\u001b[2J\u001b]0;owned\u0007\rhidden';
  const error = new KubewrightError('timeout', evil, {
    host: evil,
    step: evil,
    command: evil,
    output: [evil],
    hint: evil,
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  expect(renderError(error, style)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});
