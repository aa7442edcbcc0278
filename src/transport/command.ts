/**
 * Commands are values. `sh` quotes every interpolation into exactly one word (arrays: one word each), so
 * nothing a user or a host names can run a command; `secret` marks what no log may show. There is no
 * other way to build a Command from parts.
 */
export interface Command {
  /** What the remote shell gets. */
  readonly text: string;
  /** The same with secrets as ***: the only form that is ever shown or stored. */
  readonly redacted: string;
  /** The secret values, for masking output. */
  readonly secrets: readonly string[];
}

/** What may stand in a `sh` template. */
export type Interpolation = string | number | Secret | Command | readonly (string | number | Secret)[];

/** A value that must never be shown. */
export interface Secret {
  readonly kind: 'secret';
  readonly value: string;
}

/** Marks a value as one that no log, error or process list may show. */
export function secret(value: string): Secret {
  return { kind: 'secret', value };
}

/**
 * Builds a command; multi-line templates are scripts. Backslashes are the shell's, as they stand; only `\${` and an
 * escaped backtick, which a template cannot hold otherwise, lose theirs.
 * A nested Command is inserted as it is (it is already quoted), its secrets kept.
 */
export function sh(parts: TemplateStringsArray, ...values: readonly Interpolation[]): Command {
  let text = literal(parts.raw[0]);
  let redacted = text;
  const secrets: string[] = [];
  values.forEach((value, index) => {
    const rendered = render(value, secrets);
    const tail = literal(parts.raw[index + 1]);
    text += rendered.text + tail;
    redacted += rendered.redacted + tail;
  });
  return { text, redacted, secrets };
}

/** Commands one after the other, each on a line of its own. */
export function join(commands: readonly Command[], separator = '\n'): Command {
  return {
    text: commands.map((command) => command.text).join(separator),
    redacted: commands.map((command) => command.redacted).join(separator),
    secrets: commands.flatMap((command) => command.secrets),
  };
}

/** The same command, whose output may show further secrets: what a program prints of a file that it was given. */
export function hiding(command: Command, secrets: readonly (string | undefined)[]): Command {
  return { ...command, secrets: [...command.secrets, ...secrets.filter((value) => value !== undefined)] };
}

/** One POSIX shell word for any string (a NUL byte cannot be passed to a process and is refused). */
export function quote(word: string): string {
  if (word.includes('\0')) throw new TypeError('a shell word cannot contain a NUL byte');
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function render(value: Interpolation, secrets: string[]): { text: string; redacted: string } {
  if (typeof value === 'string' || typeof value === 'number') {
    const text = quote(String(value));
    return { text, redacted: text };
  }
  if (isList(value)) {
    const items = value.map((item) => render(item, secrets));
    return {
      text: items.map((item) => item.text).join(' '),
      redacted: items.map((item) => item.redacted).join(' '),
    };
  }
  if ('kind' in value) {
    secrets.push(value.value);
    return { text: quote(value.value), redacted: '***' };
  }
  secrets.push(...value.secrets);
  return { text: value.text, redacted: value.redacted };
}

function literal(part: string | undefined): string {
  return (part ?? '').replace(/\\(\$\{|`)/g, '$1');
}

function isList(value: Interpolation): value is readonly (string | number | Secret)[] {
  return Array.isArray(value);
}
