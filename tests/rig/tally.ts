import { appendFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Counts what passed, failed and was skipped into the file $KUBEWRIGHT_TALLY, which ./test adds up, and
 * says why each test was skipped. Off a terminal it names what is running whenever 20 seconds went by
 * without a word, so that a long test is never a silent minute.
 */
export default class Tally implements Reporter {
  readonly #running = new Map<TestCase, number>();
  #heartbeat: NodeJS.Timeout | undefined;
  #lastWord = performance.now();

  onTestRunStart() {
    if (process.stdout.isTTY) return;
    this.#heartbeat = setInterval(() => this.#sayWhatRuns(), 1000);
    this.#heartbeat.unref();
  }

  onTestCaseReady(test: TestCase) {
    this.#running.set(test, performance.now());
  }

  onTestCaseResult(test: TestCase) {
    this.#running.delete(test);
  }

  onTestModuleEnd() {
    this.#lastWord = performance.now();
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]) {
    clearInterval(this.#heartbeat);
    const file = process.env['KUBEWRIGHT_TALLY'];
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    for (const test of skipped) {
      const result = test.result();
      const reason = result.state === 'skipped' ? result.note : undefined;
      if (reason !== undefined) process.stdout.write(`skipped: ${test.fullName}: ${reason}\n`);
      // The name holds the reason; outside of ./test it was left out by a filter on the command line.
      else if (file !== undefined) process.stdout.write(`skipped: ${test.fullName}\n`);
    }
    // A file that cannot be loaded and a hook that fails leave no failed test behind, but are failures.
    const broken = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const failed =
      tests.filter((test) => test.result().state === 'failed').length +
      broken.filter((part) => part.errors().length > 0).length +
      unhandled.length;
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    if (file !== undefined) appendFileSync(file, `${passed} ${failed} ${skipped.length}\n`);
  }

  #sayWhatRuns() {
    const now = performance.now();
    if (now - this.#lastWord < 20_000) return;
    const long = [...this.#running].filter(([, since]) => now - since > 10_000);
    if (long.length > 0) this.#lastWord = now;
    for (const [test, since] of long) {
      process.stdout.write(`  still running after ${Math.round((now - since) / 1000)} s: ${test.fullName}\n`);
    }
  }
}
