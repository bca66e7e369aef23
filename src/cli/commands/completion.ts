import { command } from '../command.ts'
import { ExitCode } from '../exit-code.ts'

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
    io.stdout.writeData(zsh ? ZSH : BASH)
    return ExitCode.done
  },
})

const BASH = `# nnlab completion for bash: nnlab completion bash >> ~/.bashrc
_nnlab() {
  local IFS=$'\\n' line=\${COMP_LINE:0:COMP_POINT}
  local word=\${line##*[[:space:]]}
  COMPREPLY=($(nnlab --get-completions "$line" 2>/dev/null))
  # bash completes only what follows the last = of a word.
  if [[ $COMP_WORDBREAKS == *=* && $word == *=* ]]; then COMPREPLY=("\${COMPREPLY[@]#"\${word%=*}="}"); fi
  if [[ \${COMPREPLY[0]} == *[=.] ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _nnlab nnlab
`

const ZSH = `#compdef nnlab
# nnlab completion for zsh: nnlab completion zsh >> ~/.zshrc
_nnlab() {
  local -a words_open words_closed
  local word
  for word in "\${(@f)$(nnlab --get-completions "\${(j: :)words[1,CURRENT]}" 2>/dev/null)}"; do
    case $word in
      '') ;;
      *[=.]) words_open+=("$word") ;;
      *) words_closed+=("$word") ;;
    esac
  done
  if (( \${#words_open} + \${#words_closed} == 0 )); then
    _default
    return
  fi
  compadd -S '' -a words_open
  compadd -a words_closed
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then
  _nnlab "$@"
else
  compdef _nnlab nnlab
fi
`
