import { stateDirectory } from '../../state/paths.js';
import type { ClientCredentials } from '../client.js';
import type { KubeconfigEntry } from '../kubeconfig.js';
import { API_SERVER_NAME } from '../relay/readiness.js';

/** The context of a cluster that is reached through its tunnel. `cli` is the file of the CLI, which kubectl asks for credentials. */
export function tunnelEntry(name: string, port: number, credentials: ClientCredentials, cli: string): KubeconfigEntry {
  return {
    name,
    server: `https://127.0.0.1:${port}`,
    serverName: API_SERVER_NAME,
    credentials,
    plugin: {
      command: process.execPath,
      args: [cli, 'credential', '--cluster', name],
      // kubectl may run where the variables that led here are not set: in another shell, from an editor.
      env: { KUBEWRIGHT_STATE_DIR: stateDirectory() },
      installHint: `kubewright or its Node.js is not where it was when this context was made.
Write the context anew, in the folder of the cluster's cluster.yaml: kubewright kubeconfig --merge`,
    },
  };
}
