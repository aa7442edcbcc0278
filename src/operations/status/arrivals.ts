/** Values in the order in which they arrive. Rejects as the first that does. */
export async function* arrivals<Value>(promises: readonly Promise<Value>[]): AsyncGenerator<Value> {
  const waiting = new Map(promises.map((promise, at) => [at, promise.then((value) => ({ at, value }))]));
  while (waiting.size > 0) {
    const { at, value } = await Promise.race(waiting.values());
    waiting.delete(at);
    yield value;
  }
}
