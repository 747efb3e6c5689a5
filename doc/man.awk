# man.awk - the manual page of a program, from the opening comment of its source
#
#	/* NAME         authorize - OAuth 2.0 / OpenID Connect authorization endpoint
#	 * ANSWERS TO   GET (RFC 6749 3.1)
#	 *              more of the same
#	 *
#	 * A paragraph of the description.
#	 *	a line kept as it is */
#
# A field is a word in capitals, two blanks, and text that goes on over indented lines. Field names
# become headings; what follows an empty line is the description. Options are those that --help
# prints: literals of the form "  --name VALUE   what it means\n", in the files after the first.
#
#	awk -v page=tarn-authorize -f man.awk authorize.c describe.c

function roff(s) {
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	sub(/^[.']/, "\\\\\\&&", s)
	return s
}
function literal(on) {
	if (on != kept)
		print on ? ".PP\n.nf\n.RS" : ".RE\n.fi"
	kept = on
}
function begin(name, what) {
	sub(/^[^ ]+ - /, "", what)
	printf ".TH \"%s\" 8 \"\" \"Tarn\" \"Tarn manual\"\n", toupper(page)
	printf ".SH NAME\n%s \\- %s\n", roff(page), roff(what)
}
function option(line, name) {
	gsub(/^[ \t]*"  |(\\n)?"[^"]*$/, "", line)
	match(line, /  +/)
	name = substr(line, 1, RSTART - 1)
	if (!options++)
		print ".SH OPTIONS"
	print ".TP\n.B " roff(name) "\n" roff(substr(line, RSTART + RLENGTH))
}
FNR != NR || over {
	if (/^[ \t]*"  --[a-z-]+( [A-Z]+)?  /) {
		literal(0)
		option($0)
	}
	next
}
NR == 1 {
	if ($0 !~ /^\/\* NAME  +[^ ]+ - /) {
		print FILENAME ": does not begin with /* NAME  program - what it is" >"/dev/stderr"
		failed = 1
		exit 1
	}
}
{
	line = $0
	last = sub(/[ \t]*\*\/.*$/, "", line)
	sub(/^(\/\*| \*) ?/, "", line)
	if (match(line, /^[A-Z][A-Z ]*  +/) && !described) {
		field = substr(line, 1, RLENGTH)
		text = substr(line, RLENGTH + 1)
		sub(/ +$/, "", field)
		if (field == "NAME") {
			begin(field, text)
		} else {
			literal(0)
			printf ".SH %s\n", field
			literal(field == "SYNOPSIS")
			print roff(text)
		}
	} else if (line ~ /^[ \t]*$/) {
		literal(0)
		if (!last)
			blank = 1
	} else {
		if (blank && !described && line !~ /^ /) {
			print ".SH DESCRIPTION"
			described = 1
		} else if (blank && line !~ /^\t/) {
			print ".PP"
		}
		blank = 0
		literal(line ~ /^\t/ || (field == "SYNOPSIS" && !described))
		if (!kept || !described)
			sub(/^ +/, "", line)
		sub(/^\t/, "", line)
		print roff(line)
	}
	over = last
}
END {
	if (failed)
		exit 1
	literal(0)
	print ".SH SEE ALSO"
	print page == "tarn" ? ".BR tarnd (8)," : ".BR tarn (8),"
	print ".BR tarn.conf (5)"
}
