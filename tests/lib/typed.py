#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a shell makes of a line that somebody types: typed.py SHELL RC LINE [TABS] starts bash or zsh on a
terminal with the start-up file RC, types LINE and the tabulator TABS times (1), and prints the line that is
there then. Each further tabulator goes to the next of several matches."""
import os
import pty
import select
import shutil
import sys
import tempfile
import time

SECONDS_MAX = 20 * int(os.environ.get('LATTICE_SLOW', '1'))
PROMPT = 'typed-ready> '
# Both go through matches in turn, and write the line to $TYPED on C-x d.
RC = {
    'bash': '''PS1='%s'
bind 'TAB: menu-complete' 'set bell-style none' 'set enable-bracketed-paste off'
typed() { printf '%%s' "$READLINE_LINE" >"$TYPED.new"; mv "$TYPED.new" "$TYPED"; }
bind -x '"\\C-xd": typed'
''',
    'zsh': '''PS1='%s'
unsetopt beep zle_bracketed_paste 2>/dev/null
setopt menu_complete
typed() { print -rn -- "$BUFFER" >"$TYPED.new"; mv "$TYPED.new" "$TYPED" }
zle -N typed
bindkey -e
bindkey '^Xd' typed
''',
}


def start(shell, folder, rc):
    files = {'bash': 'bashrc', 'zsh': '.zshrc'}
    with open(rc) as given, open(os.path.join(folder, files[shell]), 'w') as f:
        f.write(given.read() + RC[shell] % PROMPT)
    arguments = {'bash': ['bash', '--noprofile', '--rcfile', os.path.join(folder, 'bashrc'), '-i'],
                 'zsh': ['zsh', '--no-globalrcs', '-i']}
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM='dumb', ZDOTDIR=folder, HISTFILE='', TYPED=os.path.join(folder, 'typed'))
        os.execvp(shell, arguments[shell])
    return pid, terminal


def wait(terminal, is_done):
    """Read what the shell shows until is_done(all of it)."""
    deadline, seen = time.monotonic() + SECONDS_MAX, b''
    while not is_done(seen):
        if time.monotonic() > deadline:
            sys.exit(f'typed.py: the shell said {seen!r}')
        if select.select([terminal], [], [], 0.02)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                sys.exit(f'typed.py: the shell ended, having said {seen!r}')


shell, rc, line = sys.argv[1:4]
tabs = int(sys.argv[4]) if len(sys.argv) > 4 else 1
folder = tempfile.mkdtemp()
try:
    pid, terminal = start(shell, folder, rc)
    wait(terminal, lambda seen: seen.endswith(PROMPT.encode()) or PROMPT.encode() in seen)
    os.write(terminal, line.encode() + b'\t' * tabs + b'\x18d')
    answer = os.path.join(folder, 'typed')
    wait(terminal, lambda seen: os.path.exists(answer))
    with open(answer) as f:
        print(f.read())
    os.close(terminal)
    os.waitpid(pid, 0)
finally:
    shutil.rmtree(folder)
