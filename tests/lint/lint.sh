# lint.sh - what every lint script does: look, prove that it can see, fall silent
#
# A lint defines check, which prints one line for each violation below the folder $1, and plant,
# which puts one violation (and what else check needs) below the folder $1. Then it calls lint_run:
# the tree must be clean and the planted violation must be seen. Input that is missing is a failure.
set -u
export LC_ALL=C
srcdir=${srcdir:-.}
AWK=${AWK:-awk}
# Built with sanitizers or coverage? The latter would leave a file even of a mere look at a source.
lint_instrumented=
case ${TARN_COMPILE:-} in
*-fsanitize=* | *--coverage*) lint_instrumented=yes ;;
esac
TARN_COMPILE=$(echo "${TARN_COMPILE:-}" | sed 's/ --coverage//')

# lint_die sentence - no verdict is possible.
lint_die() {
	echo "$0: $*" >&2
	exit 99
}

# lint_need path... - each must exist and not be empty.
lint_need() {
	for lint_path; do
		[ -s "$lint_path" ] || lint_die "$lint_path is missing or empty"
	done
}

# lint_sources root [folder...] - the C files of the product, relative to root; at least one.
lint_sources() (
	cd "$1" || exit 1
	shift
	[ $# -gt 0 ] || set -- common cgi-bin sbin
	for folder; do
		[ -d "$folder" ] && find "$folder" -name '*.[ch]' ! -name shapes.c
	done | sort | grep . || echo "no-source-found-in $*"
)

# For awk: code(line) is the line without its comments; strings stay. Begin each file with comment = 0.
lint_code='
function code(line, out, i, two, c) {
	out = ""
	for (i = 1; i <= length(line); i++) {
		two = substr(line, i, 2)
		c = substr(line, i, 1)
		if (comment) {
			if (two == "*/") { comment = 0; i++ }
		} else if (two == "/*") {
			comment = 1; i++
		} else if (two == "//") {
			break
		} else if ((c == "\"" || c == "\047") && match(substr(line, i), c == "\"" ? \
		    "^\"([^\"\\\\]|\\\\.)*\"" : "^\047([^\047\\\\]|\\\\.)*\047")) {
			out = out substr(line, i, RLENGTH)
			i += RLENGTH - 1
		} else {
			out = out c
		}
	}
	return out
}
FNR == 1 { comment = 0 }
'

lint_run() {
	lint_found=$(check "$srcdir") || lint_die "cannot look"
	if [ -n "$lint_found" ]; then
		printf '%s\n' "$lint_found"
		exit 1
	fi
	lint_tmp=$(mktemp -d) || lint_die "no temporary folder"
	trap 'rm -rf "$lint_tmp"' EXIT
	plant "$lint_tmp" || lint_die "cannot plant a violation"
	[ -n "$(check "$lint_tmp")" ] || lint_die "does not see the violation it planted"
}
