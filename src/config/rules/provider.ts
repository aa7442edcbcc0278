import { providerKind } from '../nodes.js';
import type { Rule } from './rule.js';

export const oneProvider: Rule = {
  about: '`provider` has exactly one of `local` and `hosts`.',
  check: ({ provider }) => {
    if (provider.local !== undefined && provider.hosts !== undefined) {
      const message = 'provider: local and hosts exclude each other';
      return [{ severity: 'error', path: ['provider', 'hosts'], at: 'key', message, hint: 'Take one of them out.' }];
    }
    if (provider.local !== undefined || provider.hosts !== undefined) return [];
    const message = 'provider: expected {local: {}} or {hosts: {}}, got an empty mapping';
    return [{ severity: 'error', path: ['provider'], at: 'value', message }];
  },
};

export const poolsFitProvider: Rule = {
  about:
    'With the provider `local` every pool has a `count` and no `hosts`; with the provider `hosts` it is the other way round.',
  check: (config) => {
    const kind = providerKind(config);
    const [needed, foreign] = kind === 'local' ? (['count', 'hosts'] as const) : (['hosts', 'count'] as const);
    return Object.entries(config.nodes ?? {}).flatMap(([name, pool]) => {
      const path = ['nodes', name];
      const because = [['provider'], [...path, needed], [...path, foreign]];
      if (pool[foreign] !== undefined) {
        const message = `nodes.${name}: ${foreign} cannot be used with the provider ${kind}`;
        return [{ severity: 'error', path: [...path, foreign], at: 'key', message, hint: HINTS[kind], because }];
      }
      if (pool[needed] !== undefined) return [];
      return [
        {
          severity: 'error',
          path,
          at: 'key',
          message: `nodes.${name}: ${needed} is missing`,
          hint: HINTS[kind],
          because,
        },
      ];
    });
  },
};

export const machinesAreListed: Rule = {
  about: 'With the provider `hosts` the machines are listed under `nodes`.',
  check: (config) => {
    if (providerKind(config) === 'local' || config.nodes !== undefined) return [];
    return [
      {
        severity: 'error',
        path: ['nodes'],
        at: 'key',
        message: 'nodes is missing',
        hint: HINTS.hosts,
        because: [['nodes'], ['provider']],
      },
    ];
  },
};

const HINTS = {
  local: 'Say how many machines to make: {count: 2}.',
  hosts: 'List the machines that exist: {hosts: [{name: node-1, address: 10.0.1.11}]}.',
};
