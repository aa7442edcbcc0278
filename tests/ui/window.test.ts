import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWindow, type WindowOptions } from '../../src/ui/window.js';
import { openScreen } from './screen.js';

/** A window on a screen that is drawn when the test says so. */
function windowOn(columns: number, rows: number, first: readonly string[]) {
  const screen = openScreen(columns, rows);
  let picture = first;
  let tick = () => {};
  const options: WindowOptions = {
    stream: screen.stream,
    draw: (width) => picture.map((line) => line.slice(0, width - 1)),
    every: (run) => {
      tick = run;
      return () => {
        tick = () => {};
      };
    },
  };
  const window = openWindow(options);
  onTestFinished(() => window.close());
  return {
    screen,
    window,
    draw(next: readonly string[] = picture) {
      picture = next;
      tick();
    },
  };
}

describe('the picture', () => {
  test('is drawn in place, over and over, growing and shrinking', async () => {
    const { screen, draw } = windowOn(40, 10, ['one', 'two']);
    draw();
    expect(await screen.rows()).toEqual(['one', 'two']);
    draw(['eins', 'zwei', 'drei']);
    expect(await screen.rows()).toEqual(['eins', 'zwei', 'drei']);
    draw(['last']);
    expect(await screen.rows()).toEqual(['last']);
  });

  test('is not written again while it is the same', async () => {
    const { screen, draw } = windowOn(40, 10, ['one']);
    draw();
    await screen.rows();
    const before = screen.written().length;
    draw();
    await screen.rows();
    expect(screen.written().length).toBe(before);
  });

  test('comes as a whole: each drawing stands between the marks of synchronized output', async () => {
    const { screen, window, draw } = windowOn(40, 10, ['one', 'two']);
    draw();
    window.print(['said']);
    draw(['three']);
    await screen.rows();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about.
    expect(screen.written()).toMatch(/^(\u001b\[\?2026h[\s\S]*?\u001b\[\?2026l)+$/);
  });

  test('stays at the end of a terminal that scrolls', async () => {
    const { screen, window, draw } = windowOn(40, 5, ['bar', 'row']);
    draw();
    for (let at = 1; at <= 20; at++) {
      window.print([`line ${at}`]);
      draw([`bar ${at}`, 'row']);
    }
    expect(await screen.rows()).toEqual(['line 19', 'line 20', 'bar 20', 'row']);
    const all = await screen.rows({ scrollback: true });
    expect(all).toEqual([...Array.from({ length: 20 }, (_, at) => `line ${at + 1}`), 'bar 20', 'row']);
  });
});

describe('permanent lines', () => {
  test('scroll away above the picture, whole, however long they are', async () => {
    const { screen, window, draw } = windowOn(20, 10, ['bar', 'row']);
    draw();
    window.print(['x'.repeat(50), '', '漢字漢字漢字漢字漢字漢字']);
    draw();
    window.print(['exactly twenty chars']);
    draw();
    expect(await screen.rows()).toEqual([
      'x'.repeat(20),
      'x'.repeat(20),
      'x'.repeat(10),
      '',
      '漢字漢字漢字漢字漢字',
      '漢字',
      'exactly twenty chars',
      'bar',
      'row',
    ]);
  });
});

describe('a terminal that changes its size', () => {
  test('to a narrower one leaves no remains of the wrapped picture', async () => {
    const { screen, window, draw } = windowOn(40, 12, ['a'.repeat(39), 'b'.repeat(39)]);
    window.print(['said']);
    draw();
    await screen.resize(20, 12);
    expect(await screen.rows()).toEqual(['said', 'a'.repeat(19), 'b'.repeat(19)]);
  });

  test('to a wider one draws the picture anew', async () => {
    const { screen, window, draw } = windowOn(20, 12, ['a'.repeat(39), 'b'.repeat(39)]);
    window.print(['said']);
    draw();
    await screen.resize(60, 12);
    expect(await screen.rows()).toEqual(['said', 'a'.repeat(39), 'b'.repeat(39)]);
  });

  test('again and again keeps what was said', async () => {
    const { screen, window, draw } = windowOn(60, 12, ['a'.repeat(200), 'b'.repeat(200)]);
    window.print(['said']);
    draw();
    for (const columns of [30, 80, 25, 60]) await screen.resize(columns, 12);
    window.print(['more']);
    draw();
    expect(await screen.rows()).toEqual(['said', 'more', 'a'.repeat(59), 'b'.repeat(59)]);
  });
});

describe('the cursor', () => {
  test('is hidden while there is a picture, and back after it', async () => {
    const { screen, window, draw } = windowOn(40, 10, []);
    draw();
    expect(await screen.isCursorVisible()).toBe(true);
    draw(['one']);
    expect(await screen.isCursorVisible()).toBe(false);
    window.close();
    expect(await screen.isCursorVisible()).toBe(true);
  });

  test('stands on an empty line after the window was closed, below all that was said', async () => {
    const { screen, window, draw } = windowOn(40, 10, ['one', 'two']);
    draw();
    window.print(['said at last']);
    window.close();
    screen.stream.write('$ ');
    expect(await screen.rows()).toEqual(['said at last', '$']);
  });
});

describe('whatever ends the process', () => {
  const HIDDEN = '\u001b[?25l';
  const SHOWN = '\u001b[?25h';

  function start(how: string) {
    const script = fileURLToPath(new URL('window-worker.ts', import.meta.url));
    const worker = spawn(process.execPath, ['--import', 'tsx', script, how], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void worker.kill('SIGKILL'));
    return { worker, written: text(worker.stdout) };
  }

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s: the cursor comes back, and what was said is seen',
    async (signal) => {
      const { worker, written } = start('signal');
      await once(worker.stdout, 'data');
      worker.kill(signal);
      const all = await written;
      expect(all).toContain(HIDDEN);
      expect(all.slice(all.lastIndexOf(HIDDEN))).toContain(SHOWN);
      expect(all).toContain('said at last\n');
    },
  );

  test.each(['exit', 'throw', 'return'])('%s: the cursor comes back, and what was said is seen', async (how) => {
    const all = await start(how).written;
    expect(all).toContain(HIDDEN);
    expect(all.slice(all.lastIndexOf(HIDDEN))).toContain(SHOWN);
    expect(all).toContain('said at last\n');
  });
});

describe('while it is suspended', () => {
  test('the terminal is another one’s; afterwards what was said meanwhile comes first', async () => {
    const { screen, window, draw } = windowOn(40, 10, ['one', 'two']);
    window.print(['before']);
    draw();
    const resume = window.suspend();
    expect(await screen.rows()).toEqual(['before']);
    expect(await screen.isCursorVisible()).toBe(true);
    screen.stream.write('Password: \n');
    window.print(['meanwhile']);
    draw();
    expect(await screen.rows()).toEqual(['before', 'Password:']);
    resume();
    resume();
    expect(await screen.rows()).toEqual(['before', 'Password:', 'meanwhile', 'one', 'two']);
  });

  test('twice it goes on only after both', async () => {
    const { screen, window, draw } = windowOn(40, 10, ['one']);
    draw();
    const [first, second] = [window.suspend(), window.suspend()];
    first();
    expect(await screen.rows()).toEqual([]);
    second();
    expect(await screen.rows()).toEqual(['one']);
  });
});

test('a terminal that goes away takes nothing with it', async () => {
  const { screen, window, draw } = windowOn(40, 10, ['one']);
  draw();
  screen.stream.destroy(Object.assign(new Error('write EIO'), { code: 'EIO' }));
  await new Promise((resolve) => screen.stream.once('close', resolve));
  window.print(['to nobody']);
  draw(['two']);
  window.close();
  expect(screen.written()).not.toContain('to nobody');
});
