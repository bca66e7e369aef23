import { ExitCode } from '../../errors.ts'
import { command } from '../command.ts'

export const completion = command({
  name: 'completion',
  usage: '[shell]',
  summary: 'Print a completion script for bash or zsh',
  options: {
    shell: { type: 'string', choices: ['bash', 'zsh'], describe: 'Shell; default: by $SHELL' },
  },
  examples: [['nnlab completion >> ~/.bashrc', 'complete commands, options and names']],
  run({ shell }, io) {
    const zsh = (shell ?? io.env['SHELL'])?.endsWith('zsh') ?? false
    io.stdout.write(zsh ? ZSH : BASH)
    return ExitCode.done
  },
})

const BASH = `# nnlab completion for bash: nnlab completion bash >> ~/.bashrc
_nnlab() {
  local IFS=$'\\n'
  COMPREPLY=($(nnlab --get-completions "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [[ \${COMPREPLY[0]} == *[=/] ]]; then compopt -o nospace; fi
}
complete -o default -F _nnlab nnlab
`

const ZSH = `#compdef nnlab
# nnlab completion for zsh: nnlab completion zsh >> ~/.zshrc
_nnlab() {
  local -a open closed
  local word
  for word in "\${(@f)$(nnlab --get-completions "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $word in
      '') ;;
      *[=/]) open+=("$word") ;;
      *) closed+=("$word") ;;
    esac
  done
  if (( \${#open} + \${#closed} == 0 )); then
    _default
    return
  fi
  compadd -S '' -a open
  compadd -a closed
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then
  _nnlab "$@"
else
  compdef _nnlab nnlab
fi
`
