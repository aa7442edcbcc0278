/** Does something and says how long it took: on the clock, and of the processor. */
export async function timed<T>(
  what: string,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly ms: number; readonly cpuMs: number }> {
  const started = performance.now();
  const before = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  const [ms, cpuMs] = [performance.now() - started, (user + system) / 1000];
  process.stdout.write(`${what}: ${(ms / 1000).toFixed(2)} s, ${(cpuMs / 1000).toFixed(2)} s of the processor\n`);
  return { value, ms, cpuMs };
}
