import { expect, test } from 'vitest';
import { blockers } from '../../src/kube/drain.js';

/* What kubectl 1.32 and 1.36 print, line by line. */

const BUDGET = `node/workers-1 cordoned
Warning: ignoring DaemonSet-managed Pods: kube-flannel/kube-flannel-ds-x2x9v, kube-system/kube-proxy-8xv7p
evicting pod shop/cart-0
evicting pod default/web-1
error when evicting pods/"cart-0" -n "shop" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.
error when evicting pods/"web-1" -n "default" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.
There are pending pods in node "workers-1" when an error occurred: [error when evicting pods/"cart-0" -n "shop": global timeout reached: 6s, error when evicting pods/"web-1" -n "default": global timeout reached: 6s]
pod/web-1
pod/cart-0
error: unable to drain node "workers-1" due to error: [error when evicting pods/"cart-0" -n "shop": global timeout reached: 6s, error when evicting pods/"web-1" -n "default": global timeout reached: 6s], continuing command...
There are pending nodes to be drained:
 workers-1
error when evicting pods/"cart-0" -n "shop": global timeout reached: 6s
error when evicting pods/"web-1" -n "default": global timeout reached: 6s`;

const UNMANAGED = `node/workers-1 already cordoned
error: unable to drain node "workers-1" due to error: cannot delete cannot delete Pods that declare no controller (use --force to override): default/one, jobs/two, continuing command...
There are pending nodes to be drained:
 workers-1
cannot delete cannot delete Pods that declare no controller (use --force to override): default/one, jobs/two`;

const SEVERAL = `node/workers-1 already cordoned
error: unable to drain node "workers-1" due to error: [cannot delete cannot delete Pods that declare no controller (use --force to override): default/one, cannot delete Pods with local storage (use --delete-emptydir-data to override): default/cache-1], continuing command...
There are pending nodes to be drained:
 workers-1
cannot delete cannot delete Pods that declare no controller (use --force to override): default/one
cannot delete Pods with local storage (use --delete-emptydir-data to override): default/cache-1`;

const LINGERING = `evicting pod default/slow
There are pending pods in node "workers-1" when an error occurred: error when waiting for pod "slow" in namespace "default" to terminate: global timeout reached: 30s
error: unable to drain node "workers-1" due to error: error when waiting for pod "slow" in namespace "default" to terminate: global timeout reached: 30s, continuing command...
error when waiting for pod "slow" in namespace "default" to terminate: global timeout reached: 30s`;

test.each([
  [
    'a disruption budget, and not the time that it cost',
    BUDGET,
    [
      "shop/cart-0: Cannot evict pod as it would violate the pod's disruption budget.",
      "default/web-1: Cannot evict pod as it would violate the pod's disruption budget.",
    ],
  ],
  [
    'that nothing would make a pod again',
    UNMANAGED,
    ['default/one: Pods that declare no controller', 'jobs/two: Pods that declare no controller'],
  ],
  [
    'a reason of its own for each pod',
    SEVERAL,
    ['default/one: Pods that declare no controller', 'default/cache-1: Pods with local storage'],
  ],
  ['a pod that takes too long to end', LINGERING, ['default/slow: it does not end: global timeout reached: 30s']],
  [
    'the time where nothing else was said',
    'error when evicting pods/"web-1" -n "default": global timeout reached: 6s',
    ['default/web-1: global timeout reached: 6s'],
  ],
  [
    'the refusal of the API',
    'error when evicting pods/"web-1" -n "default": pods "web-1" is forbidden: no',
    ['default/web-1: pods "web-1" is forbidden: no'],
  ],
  ['nothing, where kubectl did not get that far', 'Error from server (NotFound): nodes "workers-1" not found', []],
])('what blocks a drain is told as %s', (_, said, expected) => {
  expect(blockers(said.split('\n'))).toEqual(expected);
});
