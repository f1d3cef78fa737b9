# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# What MIG wrote for a server of the kernel (-v name=NAME), and after it
# NAME_replies: for each of NAME_count routines the size of its largest reply in
# bytes, 0 for none.  MIG has the types of the replies only inside its functions.

{ print }

/^mig_internal void _X/ {
	routine = $3
	seen[routine] = 1
}

/^\ttypedef struct {/ { fields = "" }

/^\t\t/ { fields = fields $0 "\n" }

/^\t} Reply;/ { reply[routine] = fields }

/_server_routines\[\] = {/ {
	listing = 1
	next
}

/^};/ { listing = 0 }

listing {
	gsub(/[ \t,]/, "")
	order[count++] = $0
}

END {
	print "\n#pragma pack(push,4)"
	for (i = 0; i < count; i++)
		if (order[i] in reply)
			printf "struct reply%s {\n%s};\n", order[i], \
			    reply[order[i]]
	print "#pragma pack(pop)\n"
	printf "const mach_msg_size_t %s_replies[] = {\n", name
	for (i = 0; i < count; i++)
		if (!(order[i] in seen))
			print "\t0,"
		else if (order[i] in reply)
			printf "\tsizeof(struct reply%s),\n", order[i]
		else
			print "\tsizeof(mig_reply_header_t),"
	print "};"
	printf "const unsigned %s_count = %d;\n", name, count
}
