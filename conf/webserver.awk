# webserver.awk - a web server's configuration, from a template and the programs' own account
#
#	awk -f webserver.awk descriptions template
#
# descriptions is what the programs print with --describe, one after the other. In the template
# @NAME@ is the environment's NAME; the lines between "#each program" and "#end" are repeated for
# each program, with @PROGRAM@ its name and @PATTERN@ a regular expression for its paths, without
# anchors; the lines between "#if NAME" and "#end" are kept where NAME is not empty. Blocks do not
# nest.

function fail(what) {
	print FILENAME ":" FNR ": " what >"/dev/stderr"
	failed = 1
	exit 1
}

# The text between the quotes of: "member": "text",
function text(s) {
	sub(/^ *"[a-z_]*": *"/, "", s)
	sub(/",?$/, "", s)
	gsub(/\\\//, "/", s)
	return s
}

function pattern_add(path) {
	gsub(/[.+*?()|{}^$\\\[\]]/, "\\\\&", path)
	pattern[n] = pattern[n] (pattern[n] == "" ? "" : "|") path
}

# line with every @NAME@ replaced; what is put in is not looked at again.
function fill(line, program, pat, out, name) {
	out = ""
	while (match(line, /@[A-Z_]+@/)) {
		name = substr(line, RSTART + 1, RLENGTH - 2)
		out = out substr(line, 1, RSTART - 1)
		line = substr(line, RSTART + RLENGTH)
		if (name == "PROGRAM")
			out = out program
		else if (name == "PATTERN")
			out = out pat
		else if (name in ENVIRON)
			out = out ENVIRON[name]
		else
			fail("nothing is known of @" name "@")
	}
	return out line
}

function each(i, j) {
	for (i = 1; i <= n; i++)
		for (j = 1; j <= kept; j++)
			print fill(block[j], program[i], pattern[i])
}

FILENAME == ARGV[1] && /^ *"program": / { program[++n] = text($0); pattern[n] = "" }
FILENAME == ARGV[1] && /^ *"path": / { pattern_add(text($0)) }
FILENAME == ARGV[1] { next }

FNR == 1 && n == 0 { fail("no program described itself") }
/^[ \t]*#each program$/ { repeat = 1; kept = 0; next }
/^[ \t]*#if [A-Z_]+$/ { skip = ENVIRON[$2] == ""; within = 1; next }
/^[ \t]*#end$/ {
	if (!repeat && !within)
		fail("#end of nothing")
	if (repeat)
		each()
	repeat = skip = within = 0
	next
}
skip { next }
repeat { block[++kept] = $0; next }
{ print fill($0) }

END {
	if (!failed && (repeat || within)) {
		print FILENAME ": a block without #end" >"/dev/stderr"
		exit 1
	}
	if (failed)
		exit 1
}
