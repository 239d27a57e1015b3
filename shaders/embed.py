# SPDX-License-Identifier: MIT
"""Writes shaders as C strings: embed.py OUTPUT FILE…; sharp.frag becomes shader_sharp_frag."""

import os
import sys


def main():
    with open(sys.argv[1], 'w', encoding='utf-8') as output:
        output.write('/* Made from the files of shaders/. */\n')
        for path in sys.argv[2:]:
            name = os.path.basename(path).replace('.', '_')
            output.write(f'static const char shader_{name}[] =\n')
            with open(path, encoding='ascii') as file:
                for line in file:
                    text = line.rstrip('\n').replace('\\', '\\\\').replace('"', '\\"')
                    output.write(f'    "{text}\\n"\n')
            output.write('    ;\n')


main()
