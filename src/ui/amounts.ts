/** "3 hosts", "1 host". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Bytes as people say them, in powers of 1000: "812 B", "1.2 MB", "352 MB". */
export function bytes(number: number): string {
  const { value, unit } = scaled(number);
  return `${value} ${unit}`;
}

/** "120 of 352 MB": both in one unit where they have the same. */
export function bytesOf(done: number, total: number): string {
  const [left, right] = [scaled(done), scaled(total)];
  return left.unit === right.unit
    ? `${left.value} of ${right.value} ${right.unit}`
    : `${left.value} ${left.unit} of ${right.value} ${right.unit}`;
}

/** A time that is still running, in few columns that do not jump: "4s", "1m 04s", "2h 10m". */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${twoDigits(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h ${twoDigits(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${twoDigits(hours % 24)}h`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

function scaled(number: number): { readonly value: string; readonly unit: string } {
  let value = Math.max(0, number);
  let at = 0;
  // 999.95 would be shown as 1000.
  while (value >= 999.5 && at < UNITS.length - 1) {
    value /= 1000;
    at += 1;
  }
  const digits = at === 0 || value >= 9.95 ? 0 : 1;
  return { value: value.toFixed(digits), unit: UNITS[at] ?? 'B' };
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
