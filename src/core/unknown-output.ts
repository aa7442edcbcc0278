/**
 * Thrown under `plan` at a step that asks for an output which does not exist, because its step would change
 * something: whether the asking step would change anything cannot be known yet.
 */
export class UnknownOutput extends Error {
  override readonly name = 'UnknownOutput';
  readonly of: string;

  constructor(of: string) {
    super(`the output of ${of} is not known before it is applied`);
    this.of = of;
  }
}

/** The id of the step whose output was missing, where that is why `error` was thrown: wrapped errors are looked into. */
export function missingOutputOf(error: unknown, depth = 0): string | undefined {
  if (error instanceof UnknownOutput) return error.of;
  // An error may be its own cause.
  if (!(error instanceof Error) || depth > 10) return undefined;
  const inner: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  for (const one of inner) {
    const found = missingOutputOf(one, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
