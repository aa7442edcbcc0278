import { describe, expect, it } from 'vitest';
import { join, quote, secret, sh } from '../../src/transport/command.js';

describe('sh', () => {
  it('makes one word of a string, several of a list, and none of an empty list', () => {
    expect(sh`rm -- ${'a b'} ${['c', "d'e"]} ${[]}`.text).toBe("rm -- 'a b' c 'd'\\''e' ");
  });

  it('hides secrets in the form that is shown', () => {
    const command = sh`join --token ${secret("a'b")} ${[secret('c'), 'd']}`;
    expect(command).toEqual({
      text: "join --token 'a'\\''b' c d",
      redacted: 'join --token *** *** d',
      secrets: ["a'b", 'c'],
    });
  });

  it('takes other commands as they are, their secrets with them', () => {
    const inner = sh`echo ${secret('x y')}`;
    expect(sh`if true; then ${inner}; fi`).toEqual({
      text: "if true; then echo 'x y'; fi",
      redacted: 'if true; then echo ***; fi',
      secrets: ['x y'],
    });
    expect(join([inner, sh`true`]).redacted).toBe('echo ***\ntrue');
  });

  it('leaves backslashes to the shell, but for what a template cannot hold otherwise', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's placeholder is what is expected
    expect(sh`printf 'a\tb\n' \${HOME%/*} \`id\` $((1 + 1))`.text).toBe("printf 'a\\tb\\n' ${HOME%/*} `id` $((1 + 1))");
  });

  it('refuses what no process can be given', () => {
    expect(() => sh`echo ${'a\0b'}`).toThrow('NUL');
  });
});

describe('quote', () => {
  it('quotes nothing that needs none', () => {
    expect(quote('/usr/local/bin/kubelet')).toBe('/usr/local/bin/kubelet');
    expect(quote('')).toBe("''");
  });
});
