import { defineProbe } from '../../../host/probe.js';
import { sh } from '../../../transport/command.js';
import { between } from '../probes.js';

/** What there is of etcd on a host: of a member, and of what an API server needs to talk to one. Holds no key. */
export interface EtcdState {
  /** The static pod of etcd stands. */
  readonly member: boolean;
  /** A start or a join was begun here by kubewright and not ended; with the initial cluster that it was begun with. */
  readonly begun: string | undefined;
  /** Data of an etcd lie in /var/lib/etcd. */
  readonly data: boolean;
  /** etcd's CA certificate, PEM. */
  readonly ca: string | undefined;
  /** The CA's key lies here, too. */
  readonly authority: boolean;
  /** The certificate that the API server shows to etcd, PEM; only where its key is there. */
  readonly clientCertificate: string | undefined;
  /** What the API server was told as its etcd: "https://10.0.1.31:2379,…". */
  readonly servers: string | undefined;
}

export const etcdProbe = defineProbe<EtcdState>({
  name: 'etcd',
  script: sh`
k=/etc/kubernetes
[ -s $k/manifests/etcd.yaml ] && echo member
[ -e /var/lib/kubewright/etcd-begun ] && { echo '>begun'; cat /var/lib/kubewright/etcd-begun; echo; echo '<begun'; }
[ -e /var/lib/etcd/member ] && echo data
[ -s $k/pki/etcd/ca.crt ] && { echo '>ca.crt'; cat $k/pki/etcd/ca.crt; echo '<ca.crt'; }
[ -s $k/pki/etcd/ca.key ] && echo authority
[ -s $k/pki/apiserver-etcd-client.key ] && [ -s $k/pki/apiserver-etcd-client.crt ] && { echo '>client.crt'; cat $k/pki/apiserver-etcd-client.crt; echo '<client.crt'; }
[ -s $k/manifests/kube-apiserver.yaml ] && sed -n 's/^ *- --etcd-servers=/servers /p' $k/manifests/kube-apiserver.yaml
:`,
  parse(output) {
    const lines = output.split('\n');
    return {
      member: lines.includes('member'),
      begun: between(lines, 'begun')?.trim(),
      data: lines.includes('data'),
      ca: between(lines, 'ca.crt'),
      authority: lines.includes('authority'),
      clientCertificate: between(lines, 'client.crt'),
      servers: lines.find((line) => line.startsWith('servers '))?.slice('servers '.length),
    };
  },
});
