import { PATHS } from '../node-files.js';

/** One control plane's part in holding the address of the API. */
export interface VirtualIpConfig {
  /** The control plane's name. */
  readonly node: string;
  /** The address that is held. */
  readonly address: string;
  /** The interface that takes it. */
  readonly interface: string;
  readonly apiPort: number;
  /** The control plane's own address. */
  readonly own: string;
  /** Those of the other control planes. */
  readonly peers: readonly string[];
  /** Its place among the control planes of cluster.yaml, from 0. */
  readonly order: number;
}

/** A file of keepalived, and its mode. */
export interface KeepalivedFile {
  readonly path: string;
  readonly content: string;
  readonly mode: '0644' | '0755';
}

/** Every file by which a control plane takes part. Pure. */
export function keepalivedFiles(config: VirtualIpConfig): readonly KeepalivedFile[] {
  return [
    { path: PATHS.virtualIpConfig, content: keepalivedConfig(config), mode: '0644' },
    { path: PATHS.virtualIpCheck, content: checkScript(config.apiPort), mode: '0755' },
    { path: PATHS.virtualIpUnit, content: unit(config), mode: '0644' },
  ];
}

/**
 * VRRP between the control planes alone (unicast), so that nothing else on the network is told or can take part. A control
 * plane whose API server is ready goes before every other; among those the order of cluster.yaml decides. `nopreempt`
 * is not set: with it an address would stay where the API server has died, as long as the machine lives.
 */
function keepalivedConfig({ node, address, own, peers, order, ...config }: VirtualIpConfig): string {
  return `# Written by kubewright: which control plane has the address of the API.
global_defs {
  router_id ${node}
  enable_script_security
  script_user root
}

vrrp_script api-ready {
  script "${PATHS.virtualIpCheck}"
  interval 2
  timeout 3
  fall 2
  rise 2
  weight ${READY_WEIGHT}
}

vrrp_instance api {
  state BACKUP
  interface ${config.interface}
  virtual_router_id ${routerId(address)}
  priority ${HIGHEST_PRIORITY - order}
  advert_int 1
  unicast_src_ip ${own}
  unicast_peer {
${(peers.length === 0 ? [NOBODY] : peers).map((peer) => `    ${peer}\n`).join('')}  }
  virtual_ipaddress {
    ${address}/32
  }
  track_script {
    api-ready
  }
}
`;
}

/** 1 to 255, the same on each control plane: of the address's last number, which no other address of a /24 has. */
export function routerId(address: string): number {
  return Number(address.split('.').at(-1)) || 255;
}

const HIGHEST_PRIORITY = 100;
/** More than the order of control planes can make out. */
const READY_WEIGHT = 50;
/** Without any peer keepalived would tell everybody by multicast. This address is nobody's (RFC 5737). */
const NOBODY = '192.0.2.1';

/** 401 and 403 are answers of a server that is ready but lets nobody ask anonymously. Not every machine has curl. */
function checkScript(port: number): string {
  return `#!/bin/sh
# Written by kubewright: is the API server of this machine ready?
if command -v curl >/dev/null; then
  case $(curl -ks -o /dev/null -w '%{http_code}' --max-time 2 https://127.0.0.1:${port}/readyz) in
    200 | 401 | 403) exit 0 ;;
  esac
  exit 1
fi
KUBECONFIG=/dev/null /usr/local/bin/kubectl --server=https://127.0.0.1:${port} --insecure-skip-tls-verify --request-timeout=2s get --raw=/readyz 2>&1 |
  grep -Eqi '^ok|unauthorized|forbidden'
`;
}

/** A unit of its own: the one of the package belongs to the host. Whatever ends keepalived, the address goes with it. */
function unit({ address, interface: device }: VirtualIpConfig): string {
  return `# Written by kubewright.
[Unit]
Description=The address of the Kubernetes API servers (keepalived)
Documentation=man:keepalived(8)
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/sbin/keepalived --dont-fork --log-console --vrrp --use-file ${PATHS.virtualIpConfig} --pid /run/kubewright-virtual-ip.pid --vrrp_pid /run/kubewright-virtual-ip-vrrp.pid
ExecReload=/bin/kill -HUP $MAINPID
ExecStopPost=-/bin/sh -c 'ip address delete ${address}/32 dev ${device} 2>/dev/null'
KillMode=mixed
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;
}
