import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMask } from '../../src/transport/redact.js';

describe('createMask', () => {
  it('leaves text alone when there is nothing to hide', () => {
    expect(createMask([])('kubeadm join')).toBe('kubeadm join');
    expect(createMask(['', ' '])('a b')).toBe('a b');
  });

  it.each([
    ['as it is', 'token abc.def given', 'token *** given'],
    ['in base64', `auth: ${Buffer.from('abc.def').toString('base64')}`, 'auth: ***'],
    ['more than once', 'abc.def abc.def', '*** ***'],
  ])('hides a secret %s', (_, text, masked) => {
    expect(createMask(['abc.def'])(text)).toBe(masked);
  });

  it('hides a secret as shells, JSON and URLs spell it', () => {
    const mask = createMask([`it's "so" 100%`]);
    expect(mask(`sudo: 'it'\\''s "so" 100%'`)).toBe(`sudo: '***'`);
    expect(mask('{"password":"it\'s \\"so\\" 100%"}')).toBe('{"password":"***"}');
    expect(mask("?p=it's%20%22so%22%20100%25")).toBe('?p=***');
  });

  it('hides every line of a key', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n';
    expect(createMask([key])('line 2 is kqhkiG9w0BAQEF.')).toBe('line 2 is ***.');
  });

  it('hides the longer of two secrets that begin alike', () => {
    expect(createMask(['pass', 'password1'])('password1')).toBe('***');
  });

  it('never lets a secret through, whatever surrounds it', () => {
    const token = fc.string({ unit: fc.constantFrom(...'ab1.+$^(\\'), minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(token, { minLength: 1 }), fc.array(fc.oneof(token, fc.string())), (secrets, parts) => {
        const masked = createMask(secrets)([...parts, ...secrets].join(''));
        for (const secret of secrets) expect(masked).not.toContain(secret);
      }),
    );
  });
});
