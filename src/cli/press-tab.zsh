# For completion.test.ts: a zsh with a terminal of its own, in which Tab is pressed behind a line. Prints what is offered, a line each.
#
#   zsh -f press-tab.zsh COMPLETION-SCRIPT LINE
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PROMPT=; autoload -U compinit; compinit -u -C -d '${(q)1}'.dump; source '${(q)1}
# What a function of the completion would offer is written down on its way.
zpty -w z 'compadd() { local -a hits; if [[ " ${@[1,(i)(-|--)]}" == *\ -[OAD]* ]]; then builtin compadd "$@"; return; fi; builtin compadd -O hits "$@"; print -rl -- ${hits/#/offered:}; builtin compadd "$@" }'
zpty -w z 'over() { print -r -- over:all; exit }; comppostfuncs=(over); bindkey "^I" complete-word; echo ready:$((1))'
while zpty -r z line; do [[ $line == ready:1* ]] && break; done
zpty -w -n z "$2"$'\t'
while zpty -r z line; do
  [[ $line == *over:all* ]] && break
  [[ $line == *offered:* ]] && print -r -- ${${line#*offered:}%%$'\r'*}
done
