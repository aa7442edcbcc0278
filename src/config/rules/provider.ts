import type { Problem } from '../problem.js';
import type { Config } from '../schema/v1alpha1.js';
import type { Rule } from './rule.js';

export const oneProvider: Rule = {
  about: '`provider` has exactly one of `local` and `hosts`.',
  check: (config) => {
    if (soleProvider(config) !== undefined) return [];
    const message =
      config.provider.local === undefined
        ? 'provider: expected {local: {}} or {hosts: {}}, got an empty mapping'
        : 'provider: local and hosts exclude each other';
    return [{ severity: 'error', path: ['provider'], at: 'value', message }];
  },
};

export const poolsFitProvider: Rule = {
  about:
    'With the provider `local` every pool has a `count` and no `hosts`; with the provider `hosts` it is the other way round.',
  check: (config) => {
    const kind = soleProvider(config);
    if (kind === undefined) return [];
    const [needed, foreign] = kind === 'local' ? (['count', 'hosts'] as const) : (['hosts', 'count'] as const);
    return Object.entries(config.nodes ?? {}).flatMap(([name, pool]): readonly Problem[] => {
      const path = ['nodes', name];
      const because = [['provider'], [...path, needed], [...path, foreign]];
      const common = { severity: 'error', at: 'key', hint: HINTS[kind], because } as const;
      if (pool[foreign] !== undefined) {
        const message = `nodes.${name}: ${foreign} cannot be used with the provider ${kind}`;
        return [{ ...common, path: [...path, foreign], message }];
      }
      const message = `nodes.${name}: ${needed} is missing`;
      return pool[needed] === undefined ? [{ ...common, path: [...path, needed], message }] : [];
    });
  },
};

export const exceptGoesWithCount: Rule = {
  about: 'A pool with `except` has a `count`.',
  check: (config) =>
    Object.entries(config.nodes ?? {}).flatMap(([name, { count, except }]): readonly Problem[] => {
      if (except === undefined || count !== undefined) return [];
      const path = ['nodes', name, 'except'];
      const message = `nodes.${name}: except goes with count, which numbers the machines`;
      const hint = 'Take it out: machines that are listed have names of their own.';
      const because = [path, ['provider'], ['nodes', name, 'count']];
      return [{ severity: 'error', path, at: 'key', message, hint, because }];
    }),
};

export const machinesAreListed: Rule = {
  about: 'With the provider `hosts` the machines are listed under `nodes`.',
  check: (config) => {
    if (soleProvider(config) !== 'hosts' || config.nodes !== undefined) return [];
    const because = [['nodes'], ['provider']];
    return [
      { severity: 'error', path: ['provider'], at: 'key', message: 'nodes is missing', hint: HINTS.hosts, because },
    ];
  },
};

const HINTS = {
  local: 'Say how many machines to make: {count: 2}.',
  hosts: 'List the machines that exist: {hosts: [{name: node-1, address: 10.0.1.11}]}.',
};

function soleProvider({ provider: { local, hosts } }: Config): 'local' | 'hosts' | undefined {
  if ((local === undefined) === (hosts === undefined)) return undefined;
  return hosts === undefined ? 'local' : 'hosts';
}
