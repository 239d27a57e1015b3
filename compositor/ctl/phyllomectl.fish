# SPDX-License-Identifier: MIT
# Completion of phyllomectl(1) for fish. Names come from the session that runs.

# The words before the cursor that are no options, without the program.
function __phyllomectl_words
    set -l skip 1
    for word in (commandline -opc)
        if test $skip = 1
            set skip 0
        else if test "$word" = --socket
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# Whether the first of them is one of the given, and stands alone; without any: whether there is none.
function __phyllomectl_at
    set -l words (__phyllomectl_words)
    if test (count $argv) = 0
        test (count $words) = 0
    else
        test (count $words) = 1; and contains -- $words[1] $argv
    end
end

# Whether two of them are there, the first being place.
function __phyllomectl_places
    set -l words (__phyllomectl_words)
    test (count $words) = 2; and test $words[1] = place
end

# A list of phyllomectl: names, each with what it is.
function __phyllomectl_names
    set -l words (commandline -opc)
    set -l socket
    for i in (seq (count $words))
        if test "$words[$i]" = --socket; and test $i -lt (count $words)
            set socket --socket $words[(math $i + 1)]
        end
    end
    command phyllomectl $socket $argv[1] --names 2>/dev/null
end

complete -c phyllomectl -f
complete -c phyllomectl -l json -d 'Print JSON'
complete -c phyllomectl -l names -d 'Print names only, each with what it is'
complete -c phyllomectl -l socket -r -F -d 'The control socket of another session'
complete -c phyllomectl -s h -l help -d 'Print a short help'
complete -c phyllomectl -s V -l version -d 'Print the version'
complete -c phyllomectl -n __phyllomectl_at -a '(__phyllomectl_names commands)'
complete -c phyllomectl -n '__phyllomectl_at show show-here place start shutdown reset kill pause resume' -a '(__phyllomectl_names guests)'
complete -c phyllomectl -n '__phyllomectl_at focus' -a 'left right up down (__phyllomectl_names outputs)'
complete -c phyllomectl -n __phyllomectl_places -a '(__phyllomectl_names outputs)'
complete -c phyllomectl -n '__phyllomectl_at move' -a 'left right up down'
complete -c phyllomectl -n '__phyllomectl_at brightness' -a 'up down'
complete -c phyllomectl -n '__phyllomectl_at send' -a 'Ctrl+Alt+Delete'
complete -c phyllomectl -n '__phyllomectl_at run' -a '(__fish_complete_command)'
