#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""calls.py HEADER...: a C table of the routines that MIG declared there.

Each entry has the stub and a string with a letter for each word of its
arguments: P a port, N a name, a an address, z a size, d data that the stub
reads, p room that it may write to, i any other number."""

import re
import sys

ROUTINE = re.compile(r'^kern_return_t (\w+)\n\(\n(.*?)\n\);', re.S | re.M)
WORDS = {
    'mach_port_t': 'P', 'mach_port_name_t': 'N', 'vm_address_t': 'a',
    'vm_offset_t': 'a', 'vm_size_t': 'z', 'time_value_t': 'ii',
    'time_value64_t': 'iiii', 'rpc_phys_addr_t': 'ii', 'uint64_t': 'ii',
    'io_buf_ptr_t': 'd', 'pointer_t': 'a', 'descriptor_t': 'ii',
}
NUMBERS = re.compile(
    r'(mach_msg_type_number_t|int|unsigned( int)?|boolean_t|natural_t|integer_t'
    r'|\w*(mode|prot|inherit|right|name|flavor|strategy|return|mscount|msgcount'
    r'|delta|seqno|recnum|io_port|wire|sync|attribute|id|type|prio|policy)_t'
    r'|kern_return_t)$')


def letters(parameter):
    parameter = ' '.join(parameter.split())
    if parameter.endswith(']') or '*' in parameter:
        return 'p'
    kind = parameter.rsplit(' ', 1)[0]
    plain = kind.replace('const ', '')
    if plain in WORDS:
        return WORDS[plain]
    if NUMBERS.match(plain) and not re.search('(dev|debug|symtab)_name', plain):
        return 'i'
    return 'd'


def main():
    seen = {}
    for path in sys.argv[1:]:
        with open(path, encoding='ascii') as f:
            for name, parameters in ROUTINE.findall(f.read()):
                plain = name[4:] if name.startswith('new_') else name
                if plain in seen:
                    continue
                seen[plain] = (name, ''.join(
                    letters(p) for p in parameters.split(',\n')))
    print('#include "fuzz.h"\n')
    for name, _ in seen.values():
        print('extern void %s(void);' % name)
    print('\nconst struct fuzz_call fuzz_calls[] = {')
    for plain, (name, kinds) in seen.items():
        print('\t{ "%s", %s, "%s" },' % (plain, name, kinds))
    print('};\n\nconst unsigned fuzz_call_count = %d;' % len(seen))


main()
