# Builds the fuzz targets.  Sourced; sets $fuzz_targets, all NAME of NAME_fuzz.c, unless it is set.
#
#	fuzz_build FOLDER	the collector and the targets' programs, FOLDER/NAME; what cannot be built is told as TAP
#	fuzz_corpus NAME FOLDER	the kept inputs of a target into a new folder
#
# The environment has here (this folder), root and MAKE.

fuzz_clang=${CLANG:-clang-14}
fuzz_targets=${fuzz_targets:-$(cd "$here" && ls ./*_fuzz.c | sed 's/^\.\///; s/_fuzz\.c$//')}

fuzz_build()
{
	fuzz_flags="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"
	mkdir -p "$1" || return 1
	if ! $MAKE -C "$root/collector" -j"$(nproc)" CC="$fuzz_clang" BUILD="$1/build" \
		CFLAGS="$fuzz_flags -fsanitize=fuzzer-no-link" "$1/build/libcollector.a" >"$1/make.log" 2>&1
	then
		echo "not ok fuzz: clang does not build the collector"
		tail -20 "$1/make.log" | sed 's/^/# /'
		return 1
	fi
	fuzz_libs=$($MAKE -s -C "$root/collector" print-libs)
	for fuzz_target in $fuzz_targets
	do
		echo "$fuzz_target"
	done | xargs -P "$(nproc)" -I NAME sh -c '
		to=$1 clang=$2 target=$3
		shift 3
		"$clang" -std=gnu11 -D_GNU_SOURCE -fsanitize=fuzzer -I"$root/collector" -o "$to/$target" "$here/${target}_fuzz.c" \
			"$to/build/libcollector.a" "$@" 2>"$to/$target.err" && exit
		echo "not ok fuzz: $target: clang cannot build it"
		head -5 "$to/$target.err" | sed "s/^/# /"' sh "$1" "$fuzz_clang" NAME $fuzz_flags $fuzz_libs
}

fuzz_corpus()
{
	mkdir -p "$2" || return 1
	[ ! -f "$here/corpus/$1.tar.gz" ] || tar -C "$2" -xzf "$here/corpus/$1.tar.gz"
}
