# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# From what `mig -list' says of all interfaces (subsystem, base, routine, number,
# id of the request, id of the reply or 0) to the debugger's table of messages.
# A routine that is not answered has a `-' before its name.

!($1 in base) {
	base[$1] = $2
	order[++interfaces] = $1
	count[$1] = 0
}

{
	name[$1, $4] = ($6 == 0 ? "-" : "") $3
	if ($4 >= count[$1])
		count[$1] = $4 + 1
}

END {
	print "#include <kernel/kdb/kdb_msgs.h>\n"
	print "#include <stddef.h>\n"
	print "const struct kdb_msgs_interface kdb_msgs_table[] = {"
	for (i = 1; i <= interfaces; i++) {
		s = order[i]
		printf "\t{ \"%s\", %d, %d,\n", s, base[s], count[s]
		for (n = 0; n < count[s]; n++)
			printf "\t    \"%s\\0\"\n", name[s, n]
		print "\t},"
	}
	print "\t{ .name = NULL },\n};"
}
