# TAP for the scripts of this folder.  Sourced.

number=0
bad=0

# is GOT EXPECTED NAME
is()
{
	number=$((number + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $number - $3"
	else
		bad=1
		printf 'not ok %s - %s\n# got      %s\n# expected %s\n' $number "$3" "$1" "$2"
	fi
}

# near A B PERMILLE: yes if A is B, or at most so much away
near()
{
	awk -v a="$1" -v b="$2" -v permille="$3" 'BEGIN {
		far = b > 0 ? (a - b) * 1000 / b : permille + 1
		print (far <= permille && far >= -permille) ? "yes" : a ", of " b
	}'
}
