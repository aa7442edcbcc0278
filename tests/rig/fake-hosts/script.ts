/**
 * Takes a POSIX sh script apart into its statements, so that a fake host can go through it one by one and be stopped
 * between any two. Loops, branches and functions are one statement each. Knows as much of the grammar as our scripts use.
 */
export function statements(script: string): readonly string[] {
  const found: string[] = [];
  let start = 0;
  let depth = 0;
  let at = 0;
  // May a keyword stand here? Only where a command begins.
  let beginning = true;
  const end = (next: number) => {
    const statement = script.slice(start, at).trim();
    if (statement !== '') found.push(statement);
    start = next;
  };
  while (at < script.length) {
    const char = script[at];
    if (char === '\n' || char === ';') {
      const length = script.startsWith(';;', at) ? 2 : 1;
      if (depth === 0) end(at + length);
      at += length;
      beginning = true;
    } else if (char === ' ' || char === '\t') {
      at += 1;
    } else if (char === '#' && beginning) {
      const newline = script.indexOf('\n', at);
      if (depth === 0) end(newline);
      at = newline;
      if (depth === 0) start = at;
    } else {
      const stop = wordEnd(script, at);
      const word = script.slice(at, stop);
      if (beginning && OPENING.has(word)) depth += 1;
      if (beginning && CLOSING.has(word)) depth -= 1;
      beginning = LEADING.has(word) || word.endsWith('()') || (depth > 0 && word.endsWith(')'));
      at = stop;
    }
  }
  end(at);
  return found;
}

/** The words of a statement as the shell would see them: quotes taken off, `$name` replaced where it is known. */
export function words(statement: string, variables: ReadonlyMap<string, string> = NONE): readonly string[] {
  const found: string[] = [];
  let at = 0;
  while (at < statement.length) {
    if (/\s/.test(statement[at] ?? '')) {
      at += 1;
      continue;
    }
    const stop = Math.max(wordEnd(statement, at), at + 1);
    found.push(unquote(statement.slice(at, stop), variables));
    at = stop;
  }
  return found;
}

/** One word without its quotes. */
export function unquote(word: string, variables: ReadonlyMap<string, string> = NONE): string {
  let text = '';
  let at = 0;
  while (at < word.length) {
    const char = word[at];
    if (char === "'") {
      const stop = word.indexOf("'", at + 1);
      text += word.slice(at + 1, stop);
      at = stop + 1;
    } else if (char === '"') {
      const stop = skip(word, at);
      text += expand(word.slice(at + 1, stop - 1), variables);
      at = stop;
    } else if (char === '\\') {
      text += word[at + 1] ?? '';
      at += 2;
    } else {
      const [plain = ''] = /^[^'"\\]+/.exec(word.slice(at)) ?? [];
      text += expand(plain, variables);
      at += plain.length;
    }
  }
  return text;
}

function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.includes('$') ? text.replace(/\$(\w+)/g, (all, name: string) => variables.get(name) ?? all) : text;
}

function wordEnd(script: string, from: number): number {
  let at = from;
  while (at < script.length) {
    const char = script[at] ?? '';
    if (/[\s;]/.test(char)) break;
    at = skip(script, at);
  }
  return at;
}

/** Past one character, or past all that a quote or a substitution encloses. */
function skip(script: string, at: number): number {
  const char = script[at];
  if (char === '\\') return at + 2;
  if (char === "'") return script.indexOf("'", at + 1) + 1;
  if (char === '"' || script.startsWith('$(', at)) {
    const close = char === '"' ? '"' : ')';
    let inner = char === '"' ? at + 1 : at + 2;
    while (inner < script.length && script[inner] !== close) {
      inner = char === '"' && script[inner] === "'" ? inner + 1 : skip(script, inner);
    }
    return inner + 1;
  }
  return at + 1;
}

const OPENING = new Set(['if', 'for', 'while', 'until', 'case', '{']);
const CLOSING = new Set(['fi', 'done', 'esac', '}']);
/** What a command may follow on the same line. */
const LEADING = new Set([...OPENING, 'then', 'do', 'else', '||', '&&', '!', '|']);
const NONE: ReadonlyMap<string, string> = new Map();
