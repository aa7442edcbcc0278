/** The name in "credential --cluster NAME", which programs call and nobody types; undefined where it is anything else. */
export function clusterIn([, flag, name, ...more]: readonly string[]): string | undefined {
  return flag === '--cluster' && more.length === 0 ? name : undefined;
}
