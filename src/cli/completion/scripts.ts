/** The shells that can be completed in. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/**
 * The script that a shell loads once. It knows nothing of verbs and flags but asks `kubewright __complete`
 * at each Tab, so it stays right when kubewright is updated. An answer is one candidate a line, its
 * description after a tab; the line ":files" lets the shell add names of files.
 */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

// `=` stands in COMP_WORDBREAKS: --file=x arrives as three words and is put together again.
const BASH = `# kubewright: completion for bash. Load it with: eval "$(kubewright completion bash)"
_kubewright() {
  local line files='' word words=() i
  COMPREPLY=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [ "$word" = = ] || { [ "$i" -gt 1 ] && [ "\${COMP_WORDS[i-1]}" = = ]; }; then
      words[\${#words[@]}-1]="\${words[\${#words[@]}-1]}$word"
    else
      words[\${#words[@]}]="$word"
    fi
  done
  local current="\${COMP_WORDS[COMP_CWORD]}"
  while IFS= read -r line; do
    if [ "$line" = :files ]; then files=1; continue; fi
    line="\${line%%$'\\t'*}"
    case "$line" in --*=*) line="\${line#*=}" ;; esac
    COMPREPLY[\${#COMPREPLY[@]}]="$line"
  done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null)
  if [ -n "$files" ]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY[\${#COMPREPLY[@]}]="$line"; done < <(compgen -f -- "$current")
  fi
}
complete -F _kubewright kubewright
`;

const ZSH = `#compdef kubewright
# kubewright: completion for zsh. Load it with: eval "$(kubewright completion zsh)"
_kubewright() {
  local line files=0
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :files ]]; then files=1; continue; fi
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#candidates )) && _describe -V kubewright candidates
  (( files )) && _files
}
if [[ \${funcstack[1]} == _kubewright ]]; then _kubewright "$@"; else compdef _kubewright kubewright; fi
`;

const FISH = `# kubewright: completion for fish. Load it with: kubewright completion fish | source
function __kubewright_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c kubewright -f -a '(__kubewright_complete)'
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
