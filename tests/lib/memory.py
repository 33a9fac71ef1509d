#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The writable memory of a process, on stdout: all of it, or with --core what a core dump would hold."""
import sys

pid, core = sys.argv[1], '--core' in sys.argv
regions = []
with open(f'/proc/{pid}/smaps') as smaps:
    for line in smaps:
        word = line.split()
        if not word[0].endswith(':'):
            start, end = (int(x, 16) for x in word[0].split('-'))
            regions.append([start, end, 'rw' in word[1] and word[-1] not in ('[vvar]', '[vsyscall]')])
        elif word[0] == 'VmFlags:' and core and 'dd' in word:
            regions[-1][2] = False
with open(f'/proc/{pid}/mem', 'rb', buffering=0) as memory:
    for start, end, wanted in regions:
        at = start
        while wanted and at < end:
            memory.seek(at)
            try:
                piece = memory.read(min(end - at, 1 << 20))
            except OSError:  # gone since
                break
            if not piece:
                break
            sys.stdout.buffer.write(piece)
            at += len(piece)
