/** A Kubernetes release. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/**
 * The minor releases that this version of kubewright installs, oldest first, each with why it is here and
 * with a release of it to suggest. Everything outside of the table is out of support.
 */
export const SUPPORTED_MINORS: readonly SupportedMinor[] = [
  { minor: 34, release: '1.34.4', why: 'the oldest with checksums in the catalog' },
  { minor: 35, release: '1.35.4', why: 'has checksums in the catalog' },
  {
    minor: 36,
    release: '1.36.3',
    why: 'the default: has checksums in the catalog and builds from source',
  },
  {
    minor: 37,
    release: '1.37.2',
    why: 'the newest: verified against the checksums that upstream publishes beside its files',
  },
];

export interface SupportedMinor {
  /** Of major version 1. */
  readonly minor: number;
  /** A release to suggest, as "1.36.3". */
  readonly release: string;
  readonly why: string;
}

export type Support =
  | { readonly supported: true }
  /** `nearest` is a release that is supported; `why` says what is wrong with the asked one. */
  | { readonly supported: false; readonly nearest: string; readonly why: string };

/** Reads "1.36.3" or "v1.36.3"; undefined for anything else: no pre-releases, no build metadata, no leading zeros. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/.exec(text);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

/** "1.36.3", without a v. */
export function formatVersion(version: Version): string {
  return `${version.major}.${version.minor}.${version.patch}`;
}

/** Negative when `a` is older than `b`, 0 when they are the same, positive when it is newer. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

/** Whether this version of kubewright installs that release of Kubernetes, and the nearest that it does install. */
export function supportOf(version: Version): Support {
  const { oldest, newest } = supportedRange();
  const isOld = version.major < 1 || (version.major === 1 && version.minor < oldest.minor);
  const isNew = version.major > 1 || (version.major === 1 && version.minor > newest.minor);
  if (isOld) return { supported: false, nearest: oldest.release, why: `it is older than 1.${oldest.minor}` };
  if (isNew) return { supported: false, nearest: newest.release, why: `it is newer than 1.${newest.minor}` };
  return { supported: true };
}

/** "1.34 to 1.37": for messages and help. */
export function describeSupport(): string {
  const { oldest, newest } = supportedRange();
  return `1.${oldest.minor} to 1.${newest.minor}`;
}

function supportedRange(): { readonly oldest: SupportedMinor; readonly newest: SupportedMinor } {
  const oldest = SUPPORTED_MINORS[0];
  const newest = SUPPORTED_MINORS.at(-1);
  if (oldest === undefined || newest === undefined) throw new RangeError('the table of supported versions is empty');
  return { oldest, newest };
}
