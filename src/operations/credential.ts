import { tunnelAbsent } from '../kube/tunnel/absent.js';
import { readCredentials } from '../kube/tunnel/access-files.js';
import { ensureTunnel } from '../kube/tunnel/ensure.js';
import { execCredential } from '../kube/tunnel/exec-credential.js';
import { tunnelPlaces } from '../kube/tunnel/places.js';
import { statePaths } from '../state/paths.js';

/**
 * What kubectl is told when it asks for the credentials of a cluster, an ExecCredential. The tunnel that they are to be
 * used through runs when this resolves. Errors: `tunnel-absent`, those of `ensureTunnel`.
 */
export async function credential(cluster: string, cli: string): Promise<string> {
  const places = tunnelPlaces(statePaths(cluster));
  const credentials = await readCredentials(places);
  if (credentials === undefined) throw tunnelAbsent(cluster);
  await ensureTunnel(places, cli);
  return execCredential(credentials, new Date());
}
