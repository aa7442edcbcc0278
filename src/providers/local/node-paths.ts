/** Where every payload file lies on a node, read-only, under its sha256. */
export const PAYLOAD_DIRECTORY = '/opt/kubewright/payload';
/** Where the engine mounts the store's volume into a node; the node takes its own folders out of it and lets go of the rest. */
export const STORE_MOUNT = '/opt/kubewright/store';
/** What runs first in a node, each time it starts. */
export const INIT_PATH = '/opt/kubewright/init';
/** What the node is told of itself: shell variables. */
export const NODE_FACTS_PATH = '/opt/kubewright/node';
/** Resolvers that answer beyond the engine's own. */
export const RESOLVERS_PATH = '/opt/kubewright/resolv.conf';
