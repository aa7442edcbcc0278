/** The few fields of Kubernetes objects that kubewright reads. */

export interface KubeList<Item> {
  readonly items: readonly Item[];
}

export interface KubeMetadata {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export interface KubeNode {
  readonly metadata: KubeMetadata;
  readonly spec?: {
    readonly unschedulable?: boolean | undefined;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[] | undefined;
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly nodeInfo?: { readonly kubeletVersion?: string };
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
}

export interface KubeConfigMap {
  readonly data?: Readonly<Record<string, string>> | undefined;
}

export interface KubeDaemonSet {
  readonly metadata: KubeMetadata;
  readonly status?: {
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
    readonly updatedNumberScheduled?: number;
  };
}

export interface KubeDeployment {
  readonly metadata: KubeMetadata;
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly readyReplicas?: number };
}

/** Is the node's Ready condition true? */
export function isReady(node: KubeNode): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
