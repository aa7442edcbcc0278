/**
 * The paths as they are, once it is sure that each is absolute and has no control characters, which line-based tools
 * of a host could not tell from the end of a name. Throws a TypeError otherwise: such a path is a bug, not a user's mistake.
 */
export function plainPaths(paths: readonly string[]): readonly string[] {
  for (const path of paths) {
    if (!path.startsWith('/') || /\p{Cc}/u.test(path)) {
      throw new TypeError(`${JSON.stringify(path)} is not an absolute path without control characters`);
    }
  }
  return paths;
}
