import stringWidth from 'string-width';

/**
 * Rows as aligned columns, two spaces apart, without rules or boxes; no spaces at the ends of lines.
 * Widths are those on a terminal, so colours and wide characters keep the columns straight.
 */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
