/* A process that shows a picture on its standard output and comes to the end that its first argument names. */
import { openWindow } from '../../src/ui/window.js';

const [how] = process.argv.slice(2);
const window = openWindow({
  stream: Object.assign(process.stdout, { isTTY: true, columns: 40, rows: 10 }),
  draw: () => ['picture'],
});
// Hands the terminal back and takes it again: the picture is drawn.
window.suspend()();
window.print(['said at last']);
if (how === 'exit') process.exit(3);
if (how === 'throw') throw new Error('unexpected');
if (how === 'signal') setInterval(() => {}, 1000);
