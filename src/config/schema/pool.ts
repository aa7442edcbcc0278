import * as z from 'zod';
import { CONTROL_PLANE_TAINT, formatTaint, OPEN_LABELS, TAINT_EFFECTS } from '../../model/labels.js';
import * as access from './access.js';
import * as address from './address-checks.js';
import * as check from './checks.js';
import { choice, integer, listOf, text } from './fields.js';

const INHERITED = 'Default: that of `provider.hosts`.';

const host = z
  .strictObject({
    name: text('a name', check.nodeName, {
      about: "The Kubernetes node's name: lower-case letters, digits, `-` and `.`, at most 63 characters.",
      examples: ['node-1'],
      pattern: '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$',
    }),
    address: text('an IPv4 address or a DNS name', address.machineAddress, {
      about: 'The IPv4 address or DNS name to reach the machine at.',
      examples: ['10.0.1.11', 'node-1.example.com'],
    }),
    internalAddress: text('an IPv4 address', address.internalAddress, {
      about: 'The IPv4 address that the other nodes use, where it is not `address`.',
      examples: ['192.168.7.11'],
    }).optional(),
    user: access.user.optional().describe(`The user to log in as. ${INHERITED}`),
    port: access.port.optional().describe(`The port of the SSH server. ${INHERITED}`),
    identityFile: access.identityFile.optional().describe(`The private SSH key. ${INHERITED}`),
    sudoPassword: access.sudoPassword.optional().describe(`Where the password for sudo comes from. ${INHERITED}`),
    hostKey: access.hostKey.optional().describe(`Which host key is accepted. ${INHERITED}`),
  })
  .describe('One machine.');

const taint = z
  .union(
    [
      text('a taint', check.taint, {
        about: "A taint in kubectl's notation.",
        examples: ['gpu=yes:NoSchedule', 'gpu:NoExecute'],
      }).transform(check.readTaint),
      z.strictObject({
        key: text('a key', check.taintKey, { about: 'What the taint is about.', examples: ['gpu'] }),
        value: text('a value', check.labelValue, { about: 'Its value.', examples: ['yes'] }).optional(),
        effect: choice(TAINT_EFFECTS, 'What becomes of pods that do not tolerate it.'),
      }),
    ],
    'expected KEY=VALUE:EFFECT, KEY:EFFECT or {key, value, effect}',
  )
  .describe('One taint.');

/** A pool: machines that are alike. With the provider `local` it has a `count`, with `hosts` a list of machines. */
export const pool = z
  .strictObject({
    count: integer(
      0,
      1000,
      'How many machines to make; they are called POOL-1, POOL-2 and so on. With the provider `local`.',
    ).optional(),
    except: listOf(integer(1, 1_000_000, 'A number.'), String)
      .optional()
      .describe(
        'Numbers that no machine has: with `{count: 2, except: [2]}` there are POOL-1 and POOL-3. So one machine can go and the others keep their names. With `count`.',
      )
      .meta({ examples: [[2]] }),
    hosts: z.array(host).optional().describe('The machines, which exist already. With the provider `hosts`.'),
    roles: listOf(choice(['control-plane', 'worker', 'etcd'], 'A role.'), (role) => role)
      .min(1, 'expected control-plane, worker or both, or etcd alone')
      .optional()
      .describe(
        'What the machines do. Default: `[control-plane]` and `[etcd]` for the pools of these names, `[worker]` for every other. A control plane that is a worker takes workloads too. `etcd` stands alone: such machines run etcd for the control planes, which else do so themselves, and are no Kubernetes nodes.',
      )
      .meta({ examples: [['control-plane', 'worker']] }),
    labels: z
      .record(
        text('a label', check.labelKey, { about: 'The key of a label.' }),
        text('a text', check.labelValue, { about: 'The value of a label.' }),
      )
      .default({})
      .describe(`Labels of the nodes. Of kubernetes.io and k8s.io only these may be set: ${OPEN_LABELS}.`)
      .meta({ examples: [{ tier: 'front' }] }),
    taints: listOf(taint, ({ key, effect }) => formatTaint({ key, effect }))
      .optional()
      .describe(
        `Taints of the nodes, as kubectl writes them or as mappings. Default: ${formatTaint(CONTROL_PLANE_TAINT)} for a control plane that is no worker, none for every other; \`[]\` is none.`,
      )
      .meta({ examples: [['gpu=yes:NoSchedule'], [{ key: 'gpu', effect: 'NoExecute' }]] }),
  })
  .describe('Machines that are alike.');
