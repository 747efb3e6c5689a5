# webserver.awk - a web server's configuration, from a template and the programs' own account
#
#	awk -f webserver.awk descriptions template
#
# descriptions is what the programs print with --describe, one after the other. In the template
# @NAME@ is the environment's NAME; the lines between "#each program" and "#end" are repeated for
# each program, with @PROGRAM@ its name and @PATTERN@ a regular expression for its paths, without
# anchors; those between "#each path" and "#end" for each path, with @PATH@ and @PROGRAM@; those
# between "#each spelling" and "#end" for each path that differs from one before in its case alone,
# which "#each path" leaves out; those between "#if NAME" and "#end" are kept where NAME is not
# empty. Blocks do not nest.

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

# A path may end in a name in braces, which stands for any last part.
function path_add(path, tail) {
	tail = sub(/\{[a-z_]*\}$/, "", path)
	paths[++m] = path
	owner[m] = n
	again[m] = (tolower(path) in spelled)
	spelled[tolower(path)]
	gsub(/[.+*?()|{}^$\\\[\]]/, "\\\\&", path)
	if (tail)
		path = path "[^/]+"
	pattern[n] = pattern[n] (pattern[n] == "" ? "" : "|") path
}

# line with every @NAME@ replaced; what is put in is not looked at again.
function fill(line, program, pat, path, out, name) {
	out = ""
	while (match(line, /@[A-Z_]+@/)) {
		name = substr(line, RSTART + 1, RLENGTH - 2)
		out = out substr(line, 1, RSTART - 1)
		line = substr(line, RSTART + RLENGTH)
		if (name == "PROGRAM")
			out = out program
		else if (name == "PATTERN")
			out = out pat
		else if (name == "PATH")
			out = out path
		else if (name in ENVIRON)
			out = out ENVIRON[name]
		else
			fail("nothing is known of @" name "@")
	}
	return out line
}

function each_program(i, j) {
	for (i = 1; i <= n; i++)
		for (j = 1; j <= kept; j++)
			print fill(block[j], program[i], pattern[i])
}

function each_path(spellings, i, j) {
	for (i = 1; i <= m; i++)
		for (j = 1; j <= kept && again[i] == spellings; j++)
			print fill(block[j], program[owner[i]], "", paths[i])
}

FILENAME == ARGV[1] && /^ *"program": / { program[++n] = text($0); pattern[n] = "" }
FILENAME == ARGV[1] && /^ *"path": / { path_add(text($0)) }
FILENAME == ARGV[1] { next }

FNR == 1 && n == 0 { fail("no program described itself") }
/^[ \t]*#each (program|path|spelling)$/ { repeat = $2; kept = 0; next }
/^[ \t]*#if [A-Z_]+$/ { skip = ENVIRON[$2] == ""; within = 1; next }
/^[ \t]*#end$/ {
	if (!repeat && !within)
		fail("#end of nothing")
	if (repeat == "program")
		each_program()
	else if (repeat)
		each_path(repeat == "spelling")
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
