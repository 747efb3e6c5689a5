#!/bin/bash
# store.sh - what the store costs, and whether a large pool costs more than a small one
#
#	tests/bench/store.sh BUILD USERS
#
# Two installations in a temporary folder, with pools of 1,000 and of USERS people who are imported
# with their hashes; the same requests of both, for people chosen at random, in turns. What is timed
# is without signatures and web server; of a sign-in, the store's part is told by itself, too. Ratios
# are those of the medians.
set -euo pipefail
build=$1 users=$2 small=1000
top=$(cd "$(dirname "$0")/../.." && pwd)
bench=$build/tests/bench/store
make -C "$build" -s tests/bench/store >&2
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tarn-bench.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

tarn() { "$build/sbin/tarn" --conf "$dir/tarn.conf" "$@"; }
member() { sed -n 's/^.*"'"$1"'": *"\([^"]*\)".*$/\1/p' | sed -n 1p; }

people() {
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "{\"Username\":\"u%d@example.com\"," \
	    "\"UserAttributes\":[{\"Name\":\"email_verified\",\"Value\":\"true\"}," \
	    "{\"Name\":\"name\",\"Value\":\"Person %d\"}],\"PasswordHash\":\"$argon2id$v=19$m=19456,t=2,p=1" \
	    "$c29tZXNhbHQxMjM0NTY3OA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g\"}\n", i, i }'
}

# make_pool USERS - an installation with that many people; says what it cost.
make_pool() {
	local n=$1 before after ticks
	dir=$tmp/$n
	mkdir "$dir"
	printf '%s\n' 'data = data' 'run = run' 'publish = publish' 'master_key = master.key' \
	    "templates = $top/templates" 'log_level = error' >"$dir/tarn.conf"
	tarn init
	tarn create-user-pool --pool-name bench --username-attributes email \
	    --username-configuration CaseSensitive=false | member Id >"$dir/pool"
	tarn create-user-pool-client --user-pool-id "$(cat "$dir/pool")" --client-name bench |
	    member ClientId >"$dir/client"
	people "$n" >"$dir/people"
	before=$(date +%s%N)
	( TIMEFORMAT='%U %S'; time tarn import-users --user-pool-id "$(cat "$dir/pool")" \
	    "$dir/people" >/dev/null ) 2>"$dir/time"
	after=$(date +%s%N)
	ticks=$(tail -n 1 "$dir/time")
	rm "$dir/people"
	tarn backup "$dir/copy"		# whose checkpoint writes all that is in memory
	awk -v n="$n" -v ns=$((after - before)) -v cpu="$ticks" \
	    -v bytes="$(cat "$dir"/copy/*.db | wc -c)" 'BEGIN {
		split(cpu, part, " ")
		printf "import of %d users: %.0f users/s, %.0f in a second of processor time, %.0f bytes each\n",
		    n, n / ns * 1e9, n / (part[1] + part[2]), bytes / n
	}'
	rm -r "$dir/copy"
}

# In turns; of each the lower median, which other work on the machine raised less.
ask() {
	local n round
	for round in 1 2 3; do
		for n in $small "$users"; do
			"$bench" "$tmp/$n/tarn.conf" requests "$(cat "$tmp/$n/pool")" \
			    "$(cat "$tmp/$n/client")" "$n" 3000 >>"$tmp/$n/times"
		done
	done
}

make_pool $small
"$bench" "$tmp/$small/tarn.conf" engine 2 | awk -F'\t' '
	{ printf "%-30s %9.0f /s   p50 %8.1f us   p99 %8.1f us\n", $1, $2, $3, $4 }'
make_pool "$users"
ask
printf '%-30s %14s %14s %8s\n' 'median, microseconds' "$small users" "$users users" ratio
awk -F'\t' '
	FNR == 1 { file++ }
	!(($1, file) in least) || $3 < least[$1, file] { least[$1, file] = $3 }
	file == 1 && !($1 in seen) { seen[$1]; order[++n] = $1 }
	END {
		for (i = 1; i <= n; i++) {
			what = order[i]
			ratio = least[what, 2] / least[what, 1]
			printf "%-30s %14.1f %14.1f %8.2f %s\n", what, least[what, 1], least[what, 2], ratio,
			    what ~ /part$/ ? "" : ratio <= 1.3 ? "(at most 1.30)" : "(MISSES 1.30)"
		}
	}' "$tmp/$small/times" "$tmp/$users/times"
