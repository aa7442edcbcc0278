import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  certificateNameProblem,
  hostProblem,
  labelProblem,
  subdomainProblem,
  userProblem,
} from '../../src/model/names.js';
import { quote } from '../../src/transport/command.js';

const METACHARACTERS = [...'`$&|;<>(){}[]*?!~#"\'\\ \t\n\r\0%^=+,:/@_'];

describe('a name of one part', () => {
  test.each(['demo', 'a', '1', 'control-plane', 'a--b', `a${'b'.repeat(62)}`])('%j is fine', (name) => {
    expect(labelProblem(name)).toBeUndefined();
  });

  test.each([
    ['', 'is empty'],
    ['Demo', 'has the capital letter D: only lower-case letters a-z, digits and "-" are allowed'],
    ['my demo', 'has a space: only lower-case letters a-z, digits and "-" are allowed'],
    ['a;reboot', 'has ";": only lower-case letters a-z, digits and "-" are allowed'],
    ['a.b', 'has ".": only lower-case letters a-z, digits and "-" are allowed'],
    ['a\u001b[2J', 'has the character U+001B: only lower-case letters a-z, digits and "-" are allowed'],
    ['zoë', 'has the character U+00EB: only lower-case letters a-z, digits and "-" are allowed'],
    ['a😀', 'has the character U+1F600: only lower-case letters a-z, digits and "-" are allowed'],
    ['-a', 'begins or ends with "-": it must begin and end with a letter or a digit'],
    ['a-', 'begins or ends with "-": it must begin and end with a letter or a digit'],
    ['a'.repeat(64), 'has 64 characters: at most 63 are allowed'],
  ])('%j is refused in words that say what is allowed', (name, problem) => {
    expect(labelProblem(name)).toBe(problem);
  });

  test('its limit can be lower', () => {
    expect(labelProblem('a'.repeat(41), 40)).toBe('has 41 characters: at most 40 are allowed');
  });
});

describe('a name of several parts', () => {
  test.each(['a', 'node1.example.com', '1.2', 'a-1.b'])('%j is fine', (name) => {
    expect(subdomainProblem(name)).toBeUndefined();
  });

  test.each([
    ['a..b', 'has an empty part: dots stand between names, not beside each other or at an end'],
    ['.a', 'has an empty part: dots stand between names, not beside each other or at an end'],
    ['a.', 'has an empty part: dots stand between names, not beside each other or at an end'],
    ['a.-b', 'has the part "-b", which begins or ends with "-": it must begin and end with a letter or a digit'],
    ['-a', 'begins or ends with "-": it must begin and end with a letter or a digit'],
    ['a_b', 'has "_": only lower-case letters a-z, digits, "-" and "." are allowed'],
    [`a.${'b'.repeat(64)}`, `has the part "${'b'.repeat(64)}", which has 64 characters: at most 63 are allowed`],
  ])('%j is refused', (name, problem) => {
    expect(subdomainProblem(name)).toBe(problem);
  });
});

describe('whatever is accepted', () => {
  const checks = { labelProblem, subdomainProblem, hostProblem };

  test.each(Object.entries(checks))('%s lets through only what a shell leaves as it is', (_, problem) => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('a', 'B', '1', '-', '.', ...METACHARACTERS) }),
      fc.domain(),
    );
    fc.assert(fc.property(text, (name) => problem(name) !== undefined || quote(name) === name));
  });

  test.each(METACHARACTERS)('no name or host holds %j', (character) => {
    for (const check of Object.values(checks)) expect(check(`a${character}b`)).toBeDefined();
  });
});

describe('a host to connect to', () => {
  test.each(['10.0.1.5', 'node1', 'Node1.Example.COM', 'node1.example.com'])('%j is fine', (host) => {
    expect(hostProblem(host)).toBeUndefined();
  });

  test.each([
    ['root@10.0.1.5', 'has "@" in it: the user belongs into the field `user`'],
    ['10.0.1.5:2222', 'has a port in it: the port belongs into the field `port`'],
    ['node1:22', 'has a port in it: the port belongs into the field `port`'],
    ['fd00::5', 'is an IPv6 address: this version of kubewright connects over IPv4 only'],
    ['10.0.1.256', 'is neither an IPv4 address (four numbers from 0 to 255) nor a DNS name'],
    ['10.0.1', 'is neither an IPv4 address (four numbers from 0 to 255) nor a DNS name'],
    ['-oProxyCommand=x', 'has "=": only lower-case letters a-z, digits, "-" and "." are allowed'],
    ['', 'is empty'],
  ])('%j is refused', (host, problem) => {
    expect(hostProblem(host)).toBe(problem);
  });
});

describe('a name in a certificate', () => {
  test.each(['10.0.1.5', 'fd00::5', 'api.example.com', '*.example.com', 'api'])('%j is fine', (name) => {
    expect(certificateNameProblem(name)).toBeUndefined();
  });

  test.each(['https://api', 'api:6443', '*', '*.', 'a.*.com', '10.0.0.300', 'API', ''])('%j is refused', (name) => {
    expect(certificateNameProblem(name)).toBeDefined();
  });
});

describe('a user', () => {
  test.each(['root', 'admin', '_apt', 'jane.doe', 'jane@example.com', 'Admin'])('%j is fine', (user) => {
    expect(userProblem(user)).toBeUndefined();
  });

  test.each([
    ['', 'is empty'],
    ['-l', 'begins with "-"'],
    ['a b', 'has a space: only letters, digits, "_", "-", "." and "@" are allowed'],
    ['$(id)', 'has "$": only letters, digits, "_", "-", "." and "@" are allowed'],
  ])('%j is refused', (user, problem) => {
    expect(userProblem(user)).toBe(problem);
  });
});
