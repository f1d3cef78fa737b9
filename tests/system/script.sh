#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# An ordinary shell script, of the kind that people have lying around.  It runs
# under busybox on the machine that builds Tartan and under the same busybox in
# Tartan, and must print the same.  It works in the empty directory $1.

set -u
cd "$1" || exit 1
umask 022
LC_ALL=C; export LC_ALL
TZ=UTC; export TZ

section() {
	echo "== $*"
}

die() {
	echo "fatal: $*" >&2
	exit 1
}

# ---------------------------------------------------------------- variables
section variables
name=world
empty=
echo "hello ${name} ${unset_thing:-default} ${empty:+never}${name:+set}"
echo "${#name} ${name%ld} ${name#wo} ${name%%r*} ${name##*r}"
path=/usr/local/lib/file.tar.gz
echo "${path##*/} ${path%/*} ${path%%.*} ${path#*.}"
: "${assigned:=by default}"
echo "$assigned"
readonly constant=42
(constant=43) 2>/dev/null || echo "constant stays $constant"
set -- one "two words" three
echo "$# $1 $2 $3"
for arg in "$@"; do
	echo "<$arg>"
done
shift 2
echo "$# $*"
IFS=:
set -- $(echo a:b:c)
unset IFS
echo "$1 $2 $3"

# --------------------------------------------------------------- arithmetic
section arithmetic
i=0
sum=0
while [ $i -lt 100 ]; do
	i=$((i + 1))
	sum=$((sum + i * i))
done
echo "$sum $((sum % 97)) $((sum >> 3)) $((0x1f & ~3)) $((-7 / 2)) $((i > 50 ? 1 : 0))"
fib() {
	if [ "$1" -lt 2 ]; then
		echo "$1"
	else
		echo $(($(fib $(($1 - 1))) + $(fib $(($1 - 2)))))
	fi
}
echo "fib 8 is $(fib 8)"
expr 17 \* 3 + 1
expr abcdef : 'abc\(.*\)'
echo "scale=5; 355/113" | bc
echo "12 34 * p" | dc

# ------------------------------------------------------------------ control
section control
for n in 1 2 3 4 5 6 7 8 9 10; do
	case $n in
	2|3|5|7) echo "$n prime";;
	[468]) continue;;
	9) break;;
	*) echo "$n other";;
	esac
done
until false; do
	break
done
if true && ! false || false; then
	echo "logic holds"
fi
options() {
	OPTIND=1
	while getopts "ab:c" opt "$@"; do
		case $opt in
		a) echo "option a";;
		b) echo "option b with $OPTARG";;
		*) echo "option $opt";;
		esac
	done
	shift $((OPTIND - 1))
	echo "rest $*"
}
options -a -b value -c rest of it
local_test() {
	local name=inner
	echo "$name"
}
local_test
echo "$name"
trap 'echo "caught usr1"' USR1
kill -USR1 $$
trap - USR1
(trap 'echo "subshell leaves"' EXIT; exit 3)
echo "status $?"
(exit 130) || echo "status $?"
{ echo grouped; echo output; } | tr a-z A-Z
! grep -q nothing /dev/null
echo "negated $?"

# -------------------------------------------------------------- redirection
section redirection
echo first > out
echo second >> out
cat < out
{ echo to stdout; echo to stderr >&2; } > both 2>&1
sort both
exec 5> fifth
echo through five >&5
exec 5>&-
cat fifth
while read -r word rest; do
	echo "$word|$rest"
done <<END
alpha beta gamma
delta   epsilon
$name expanded
END
cat <<'END'
$name not expanded $(or run)
END
cat <<-END
	tabs stripped
	END
tee copy1 copy2 < out | wc -l | tr -d ' '
cmp copy1 copy2 && echo same
mkfifo pipe
(echo through the fifo > pipe) &
cat pipe
wait
echo lost > /dev/null
dd if=/dev/zero bs=100 count=3 2>/dev/null | od -An -tx1 | head -n 2
head -c 20 /dev/zero | wc -c | tr -d ' '

# -------------------------------------------------------------------- files
section files
mkdir -p tree/a/b tree/c
for f in tree/one tree/a/two tree/a/b/three tree/c/four; do
	echo "contents of $f" > $f
done
find tree | sort
find tree -type f -name 't*' | sort | xargs cat
cp -r tree copy
rm tree/one
diff -r tree copy
mv copy/c copy/renamed
ls copy | cat
ln copy/one copy/hard
ln -s one copy/soft
ls -l copy/soft | sed 's/.*copy/copy/'
stat -c '%h %s %F' copy/one
readlink copy/soft
cat copy/soft
rm copy/one
cat copy/hard
cat copy/soft 2>/dev/null || echo dangling
chmod 640 copy/hard
stat -c '%a %A' copy/hard
chmod u+x,g-r,o=r copy/hard
stat -c '%a' copy/hard
touch -d '2020-02-29 12:34:56' copy/hard
stat -c '%y' copy/hard | cut -c1-19
date -u -d @1000000000 '+%Y-%m-%d %H:%M:%S'
[ copy/hard -ot out ] && echo older
[ -d copy ] && [ -f copy/hard ] && [ -L copy/soft ] && [ ! -e nothing ] && echo tests
rmdir tree 2>/dev/null || echo "not empty"
mkdir one && rmdir one && echo removed
rm -r tree
ls tree 2>/dev/null || echo gone
(cd copy && pwd | sed 's,.*/,,')
truncate -s 100000 sparse
wc -c < sparse
echo end >> sparse
tail -c 4 sparse
dd if=sparse of=part bs=1 skip=99999 count=5 2>/dev/null
od -c part | head -n 1

# --------------------------------------------------------------------- text
section text
cat > people <<END
name,age,city
Ann,31,Leeds
Bob,27,York
Cid,45,Leeds
Dan,27,Hull
END
cut -d, -f1,3 people
sort -t, -k2n -k1 people
tail -n +2 people | cut -d, -f3 | sort | uniq -c | sed 's/^ *//'
awk -F, 'NR > 1 { sum[$3] += $2; n[$3]++ }
END { for (c in sum) printf "%s %.1f\n", c, sum[c] / n[c] }' people | sort
awk 'BEGIN { for (i = 1; i <= 5; i++) s = s i * i " "; print s; print substr("abcdef", 2, 3), length("xyz"), toupper("up") }'
sed -n '2,3p' people
sed -e 's/\([A-Z]\)\([a-z]*\),/\2\1,/' -e '/York/d' people
sed '/Bob/i\
inserted
s/,/;/g' people
grep -n 27 people
grep -c Leeds people
grep -v -e Ann -e Bob people
grep -E '^[A-D][a-z]+,(31|45)' people
echo "The quick brown fox" | tr ' ' '\n' | rev 2>/dev/null || echo "no rev"
seq 1 10 | paste -s -d, - 2>/dev/null || seq 1 10 | tr '\n' ,
printf '%5d|%-5s|%05.1f|%x|%c|%%\n' 42 abc 3.14159 255 z
printf '%s\n' c a b | sort -r
echo a b c | xargs -n 1 echo item
seq 20 | head -n 5 | tail -n 2
seq 3 | while read -r k; do echo "k=$k"; done
yes | head -n 3
echo "one two  three" | wc -w | tr -d ' '
nl people | head -n 2 | tr -s ' \t' ' '
fold -w 10 people | head -n 3
echo hello | md5sum
echo hello | sha256sum
echo hello | base64
echo aGVsbG8K | base64 -d
od -An -c people | head -n 1
comm -12 copy1 copy2
expand -t 4 <<END
	tab
END
split -l 2 people part_
ls part_*
cat part_* | cmp - people && echo joined

# ----------------------------------------------------------------- archives
section archives
mkdir pack
seq 1 2000 > pack/numbers
cp people pack/
ln -s people pack/link
tar cf pack.tar pack
gzip -c pack.tar > pack.tar.gz
mv pack before
tar xzf pack.tar.gz
diff -r before pack && echo "tar and gzip agree"
gunzip -c pack.tar.gz | cmp - pack.tar && echo "gunzip agrees"
bzip2 -k pack.tar && bunzip2 -c pack.tar.bz2 | cmp - pack.tar && echo "bzip2 agrees"
(cd before && find . | sort | cpio -o -H newc 2>/dev/null) | md5sum > /dev/null
cp before/numbers changed
sed -i 's/^1000$/one thousand/' changed
diff -u before/numbers changed | grep '^[-+][^-+]'
diff -u before/numbers changed > fix.patch
patch -s before/numbers fix.patch && cmp before/numbers changed && echo patched

# ---------------------------------------------------------------- processes
section processes
sleep 0.1 &
child=$!
wait $child
echo "child ended with $?"
(sleep 5; echo never) &
kill $!
wait $! 2>/dev/null
echo "killed: $?"
sh -c 'kill -9 $$' 2>/dev/null
echo "by itself: $?"
for n in 3 1 2; do
	(sleep 0.$n; echo "worker $n" >> workers) &
done
wait
sort workers
seq 1 5000 | sort -rn | sort -n | tail -n 1
seq 1 20000 | head -n 1
echo "$(echo "$(echo "$(echo nested)")")"
x=$(cat people | wc -l | tr -d ' ')
echo "lines: $x"
timeout 1 sleep 5
echo "timeout: $?"
env -i A=1 B=2 sh -c 'echo $A$B'
nice -n 5 echo nice
sh -c 'exit 9'; echo $?
sh -c 'echo $0 $1' zero first
echo 'echo sourced $1' > lib.sh
. ./lib.sh
eval 'evaluated=$((6 * 7))'
echo $evaluated
command -v cd
type section | head -n 1
test 10 -gt 9 -a abc = abc && echo "test ok"
nosuchcommand 2>/dev/null
echo "not found: $?"
./people 2>/dev/null
echo "not executable: $?"
n=0
while [ $n -lt 60 ]; do
	/bin/true 2>/dev/null || true
	n=$((n + 1))
done
echo "ran $n"
(ulimit -n 20; ulimit -n)
[ "$(id -u)" -ge 0 ] && echo "have an id"
section end
