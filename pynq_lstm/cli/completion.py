"""``pynq-lstm completion``: a script for a shell, made from the parser itself."""

import argparse
from dataclasses import dataclass
from typing import Dict, Tuple

HELP = "print a script that completes commands and options in a shell"
EXAMPLE = """\
The script is static: no Python runs when Tab is pressed. Print it anew after an update.

examples:
  source <(pynq-lstm completion bash)                            # in ~/.bashrc
  source <(pynq-lstm completion zsh)                             # in ~/.zshrc, after compinit
  pynq-lstm completion fish > ~/.config/fish/completions/pynq-lstm.fish"""

_BASH = """\
# completion of pynq-lstm for bash; made by: pynq-lstm completion bash
_pynq_lstm() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]}} words= last= at
    for ((at = COMP_CWORD - 1; at > 1; at--)); do
        case "${{COMP_WORDS[at]}}" in -*) last=${{COMP_WORDS[at]}}; break ;; esac
    done
    case "$command" in
{aliases}
        *) ;;
    esac
    # the command, the last option before this word, and how many words after it this one is
    case "$command $last $((COMP_CWORD - at))" in
{values}
        *) ;;
    esac
    if [ "$COMP_CWORD" = 1 ]; then
        words="{commands}"
        case "$current" in -*) words="{top}" ;; esac
    elif [ "${{current#-}}" != "$current" ]; then
        case "$command" in
{options}
            *) words= ;;
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _pynq_lstm pynq-lstm
"""
_TOP = ("--help", "--version")  # before a command


@dataclass(frozen=True)
class Command:
    """What can be completed after a command.

    Attributes
    ----------
    help : str
    options : dict of str to str
        Of each option, as it is typed, its help.
    choices : dict of str to tuple of str
        Values of options that have a list of them; "" is a positional argument.
    several, flags : tuple of str
        Options that take several values, and that take none.
    aliases : tuple of str
        Other names of the command.
    """

    help: str
    options: Dict[str, str]
    choices: Dict[str, Tuple[str, ...]]
    several: Tuple[str, ...]
    flags: Tuple[str, ...]
    aliases: Tuple[str, ...]


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("shell", choices=sorted(_SCRIPTS))


def run(options):
    """Make the script."""
    from pynq_lstm.cli.main import parser  # it imports this module

    script = _SCRIPTS[options.shell](commands_of(parser()))
    return {"shell": options.shell, "script": script}


def commands_of(parser):
    """`Command` by name, as the parser has them; aliases are kept with their command."""
    (subparsers,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    of = subparsers.choices
    return {
        shown.dest: _command(
            shown.help,
            of[shown.dest]._actions,
            tuple(name for name in of if name != shown.dest and of[name] is of[shown.dest]),
        )
        for shown in subparsers._choices_actions
    }


def _command(text, actions, aliases):
    options, choices, several, flags = {}, {}, [], []
    for action in actions:
        for name in [*filter(lambda one: one.startswith("--"), action.option_strings)] or [""]:
            if name:
                options[name] = action.help or ""
                several += [name] * (action.nargs == "+")
                flags += [name] * (action.nargs == 0)
            if action.choices is not None:
                choices[name] = tuple(map(str, action.choices))
    return Command(text, options, choices, tuple(several), tuple(flags), aliases)


def _bash(commands):
    def patterns(name, command, option):
        """Where a value stands: after its option, for an argument first or after a flag."""
        if option:
            return f'"{name} {option} "{"*" if option in command.several else "1"}'
        return "|".join(f'"{name} {last} 1"' for last in ("", *command.flags))

    values = [
        f'        {patterns(name, command, option)}) words="{" ".join(choices)}" ;;'
        for name, command in commands.items()
        for option, choices in command.choices.items()
    ]
    options = [
        f'            {name}) words="{" ".join(command.options)}" ;;'
        for name, command in commands.items()
    ]
    aliases = [
        f"        {'|'.join(command.aliases)}) command={name} ;;"
        for name, command in commands.items()
        if command.aliases
    ]
    return _BASH.format(
        values="\n".join(values),
        commands=" ".join(commands),
        options="\n".join(options),
        aliases="\n".join(aliases),
        top=" ".join(_TOP),
    )


def _zsh(commands):
    return f"autoload -Uz bashcompinit && bashcompinit\n{_bash(commands)}"


def _fish(commands):
    lines = ["# completion of pynq-lstm for fish; made by: pynq-lstm completion fish"]
    lines += [f"complete -c pynq-lstm -n __fish_use_subcommand -l {name[2:]}" for name in _TOP]
    for name, command in commands.items():
        first = f"complete -c pynq-lstm -n __fish_use_subcommand -f -a {name}"
        lines.append(f"{first} -d {_quoted(command.help)}")
        names = " ".join((name, *command.aliases))
        after = f"complete -c pynq-lstm -n '__fish_seen_subcommand_from {names}'"
        for option, text in command.options.items():
            of_list = f" -x -a {_quoted(' '.join(command.choices.get(option, ())))}"
            values = of_list if option in command.choices else ""
            lines.append(f"{after} -l {option[2:]} -d {_quoted(text)}{values}")
        if "" in command.choices:
            lines.append(f"{after} -f -a {_quoted(' '.join(command.choices['']))}")
    return "\n".join(lines) + "\n"


def _quoted(text):
    """For fish, where a backslash and a quote are escaped in quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_SCRIPTS = {"bash": _bash, "zsh": _zsh, "fish": _fish}


def show(answer):
    """The script as it is."""
    return answer["script"].rstrip("\n")
