/** A Markdown table; pipes and line breaks inside cells are made harmless. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** The first lines of every generated page: its title, and whence it comes. */
export function pageHead(title: string, source: string): string {
  return `# ${title}\n\n<!-- Generated from ${source} by scripts/generate.ts: change it there, then run \`npm run generate\`. -->`;
}

/** Paragraphs with an empty line between them, and one newline at the end. */
export function page(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
