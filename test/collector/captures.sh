#!/bin/sh
# Every capture and every raw export datagram of other projects, under the
# sanitizers: no crash, no leak, status 0, or 1 with a message.  Called by
# run.sh.
if [ ! -d "$DATA/pcap" ] || [ ! -d "$DATA/netflow" ]
then
	echo "skip captures: no test data in $DATA"
	exit 0
fi

# try KIND FILE ARGUMENT...
n=0 bad=0
try()
{
	file=$1
	shift
	n=$((n + 1))
	"$FLOWCOLLECTD" "$@" >/dev/null 2>"$TMP/err"
	status=$?
	case $status in
	0)	return ;;
	1)	[ -s "$TMP/err" ] && return ;;
	esac
	bad=$((bad + 1))
	echo "not ok captures: $file (status $status)"
	sed 's/^/# /' "$TMP/err" | head -20
}

for file in $(cut -f2 "$DATA/pcap/CASES.tsv" | tail -n +2)
do
	try "$file" -r "$DATA/$file" -o -
	try "$file" -r "$DATA/$file" -o - --columns=all --tunnels=all --payload \
		--payload-stats --payload-flows=2
	try "$file" --replay "$DATA/$file" -o -
done
[ $bad -gt 0 ] || echo "ok captures: $n runs over all captures"

n=0 bad=0
find "$DATA/netflow" -type f \( -name '*.pcap' -o -name '*.dat' -o \
	-name '*.bin' -o -name '*.dump' -o -name '*.ipfix' \) >"$TMP/payloads"
while read -r file
do
	try "$file" --replay "$file" -o -
done <"$TMP/payloads"
[ $bad -gt 0 ] || echo "ok captures: $n runs over all export data"
exit 0
