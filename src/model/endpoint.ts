/** Where the load balancer of the endpoint `node-local` listens, on loopback, on every node. */
export const NODE_LOCAL_PORT = 7443;
