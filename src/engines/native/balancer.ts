import { NODE_LOCAL_PORT } from '../../model/endpoint.js';
import { type Command, sh } from '../../transport/command.js';

/** An API server that the balancer passes connections on to. */
export interface BalancedServer {
  /** Its node's name. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/**
 * haproxy's configuration: TLS passes through untouched, each server is asked for /readyz, and what runs over one that
 * is down is cut, so that clients come again and find a living one. 401 and 403 are answers of a server that is
 * ready but lets nobody ask anonymously. `check-ssl verify none` is the health check alone; clients verify the server.
 */
export function balancerConfig(servers: readonly BalancedServer[]): string {
  return `# Written by kubewright: the way from this node to the API servers.
global
  maxconn 8192
  # A process that was replaced checks no server any more: what runs over it must not stay for long.
  hard-stop-after 30s
  log stdout format raw local0 notice

defaults
  log global
  mode tcp
  option tcpka
  # A server that is silent is left for another at each try, long before it is known to be down.
  option redispatch 1
  retries 3
  timeout connect 1s
  timeout check 1s
  timeout client 24h
  timeout server 24h

listen api
  bind 127.0.0.1:${NODE_LOCAL_PORT}
  balance leastconn
  option httpchk GET /readyz
  http-check expect rstatus ^(200|401|403)$
  default-server check check-ssl verify none inter 2s fastinter 500ms downinter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${servers.map(({ name, address, port }) => `  server ${name} ${address}:${port}\n`).join('')}`;
}

/**
 * haproxy out of its image, run by systemd and not by the kubelet: the kubelet itself needs it, at boot and when
 * the node joins. It sees nothing of the host but its configuration.
 */
export const BALANCER_UNIT = `# Written by kubewright.
[Unit]
Description=The way to the Kubernetes API servers (haproxy)
Documentation=https://docs.haproxy.org/
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
RootDirectory=/opt/kubewright/haproxy
BindReadOnlyPaths=/etc/kubewright/haproxy:/run/haproxy
MountAPIVFS=yes
User=65534
Group=65534
PrivateDevices=yes
ProtectSystem=strict
ExecStart=/usr/local/sbin/haproxy -W -db -f /run/haproxy/haproxy.cfg
KillMode=mixed
Restart=always
RestartSec=1
LimitNOFILE=32768
NoNewPrivileges=yes
CapabilityBoundingSet=

[Install]
WantedBy=multi-user.target
`;

/**
 * Takes haproxy out of its image, into a folder that becomes visible whole or not at all. The file that names
 * the image lies in it: where it is right, so is the rest.
 */
export function unpackBalancer(ref: string, stamp: string): Command {
  return sh`unpack_balancer() {
  image=/run/kubewright/haproxy-image new=${BALANCER_FOLDER}.new
  rm -rf "$new"; mkdir -p "$image" "$new"
  ctr --namespace k8s.io images unmount --rm "$image" >/dev/null 2>&1 || :
  ctr --namespace k8s.io images mount ${ref} "$image" >/dev/null
  cp -a "$image/." "$new/"
  ctr --namespace k8s.io images unmount --rm "$image" >/dev/null
  mkdir -p "$new/run/haproxy"
  printf %s ${stamp} > "$new/.image"
  rm -rf ${BALANCER_FOLDER}; mv "$new" ${BALANCER_FOLDER}
}
unpack_balancer`;
}

/** Where haproxy's files are on a node. */
const BALANCER_FOLDER = '/opt/kubewright/haproxy';
