# shapes.awk - makes shapes.c: awk -f shapes.awk shapes.tsv shapes-tarn.tsv records.tsv
#
# What the rows mean is said at the top of shapes-tarn.tsv. Names are compared byte by byte: run
# with LC_ALL=C. Anything not understood ends the build.
BEGIN {
	FS = "\t"
	bad = 0
	constant["string"] = "SHAPE_TEXT"
	constant["integer"] = "SHAPE_INT"
	constant["long"] = "SHAPE_INT"
	constant["boolean"] = "SHAPE_BOOL"
	constant["timestamp"] = "SHAPE_TIME"
	constant["blob"] = "SHAPE_BLOB"
	constant["document"] = "SHAPE_DOCUMENT"
}

function fail(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	bad = 1
	exit 1
}

# The shape of a row; new names are remembered in order.
function shape_of(operation, dir,	name) {
	name = operation ~ /^type:/ ? substr(operation, 6) : operation "." dir
	if (!(name in known)) {
		known[name] = 1
		shapes[++nshapes] = name
		nmembers[name] = 0
	}
	return name
}

function take_row(name, member, row) {
	used[member] = 1
	if (!((name, member) in rows))
		members[name, ++nmembers[name]] = member
	rows[name, member] = row
}

/^#/ || /^[ \t]*$/ { next }

$1 == "sensitive" { sensitive[$3] = 1; next }

$2 !~ /^(in|out|struct)$/ || NF < 3 { fail("not a row: " $0) }

$3 == "-" {
	if ($4 != "{}" && $4 != "no body")
		fail("neither {} nor no body: " $4)
	no_body[shape_of($1, $2)] = $4 == "no body"
	next
}

{
	if ($4 != "never" && $5 != "yes" && $5 != "no")
		fail("required is yes or no: " $5)
	take_row(shape_of($1, $2), $3, $4 "\t" $5 "\t" $6 "\t" $7 "\t" $8)
}

function quoted(s,	out, i, c) {
	out = ""
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		out = out (c == "\\" || c == "\"" ? "\\" : "") c
	}
	return "\"" out "\""
}

function number(s) {
	return s == "" ? "-1" : s
}

function pattern_name(p) {
	if (p == "")
		return "NULL"
	if (!(p in patterns)) {
		patterns[p] = "pattern_" (++npatterns)
		print "static const char " patterns[p] "[] ="
		print "    " quoted(p) ";"
	}
	return patterns[p]
}

function words_name(w,	list, n, i) {
	if (!(w in words)) {
		words[w] = "words_" (++nwords)
		print "static const char *const " words[w] "[] = {"
		n = split(w, list, "|")
		for (i = 1; i <= n; i++)
			print "\t" quoted(list[i]) ","
		print "\tNULL"
		print "};"
	}
	return words[w]
}

# "string[1..32]" sets inner_type, inner_min, inner_max and, of a struct, inner_shape.
function inside(type,	bounds) {
	inner_shape = "NULL"
	inner_min = inner_max = "-1"
	if (type ~ /^struct /) {
		inner_type = "SHAPE_STRUCT"
		inner_shape = shape_ref(substr(type, 8))
		return
	}
	if (match(type, /\[[0-9]+\.\.[0-9]+\]$/)) {
		bounds = substr(type, RSTART + 1, RLENGTH - 2)
		type = substr(type, 1, RSTART - 1)
		inner_min = substr(bounds, 1, index(bounds, "..") - 1)
		inner_max = substr(bounds, index(bounds, "..") + 2)
	}
	if (!(type in constant))
		fail("no such type: " type)
	inner_type = constant[type]
}

function shape_ref(name) {
	if (!(name in place))
		fail("no such structure: " name)
	return "&shape_table[" (place[name] - 1) "]"
}

# One initializer; prints the patterns and words it needs first.
function initializer(name, member,	f, type, key_min, key_max, key_pattern, pattern, \
    list, out, cut) {
	split(rows[name, member], f, "\t")
	type = f[1]
	key_min = key_max = "-1"
	key_pattern = list = "NULL"
	if (type == "never")
		return "\t{ .name = " quoted(member) ", .type = SHAPE_DOCUMENT, .never = true },"
	if (f[5] ~ /^[A-Za-z0-9_]+(\|[A-Za-z0-9_]+)*$/) {
		list = words_name(f[5])
		pattern = "NULL"
	} else if (f[5] ~ /^key:/) {
		cut = index(f[5], " value:")
		key_pattern = pattern_name(substr(f[5], 5, cut - 5))
		pattern = pattern_name(substr(f[5], cut + 7))
	} else {
		pattern = pattern_name(f[5])
	}
	if (type ~ /^list<.*>$/) {
		inside(substr(type, 6, length(type) - 6))
		out = "SHAPE_LIST, " inner_type
	} else if (type ~ /^map<[^,]*,.*>$/) {
		cut = index(type, ",")
		inside(substr(type, 5, cut - 5))
		key_min = inner_min
		key_max = inner_max
		inside(substr(type, cut + 1, length(type) - cut - 1))
		out = "SHAPE_MAP, " inner_type
	} else {
		inside(type)
		out = inner_type ", " inner_type
	}
	return sprintf("\t{ %s, %s, %s, %s, false, %s, %s, %s, %s, %s,\n\t    ", quoted(member), out, \
	    inner_shape, f[2] == "yes" ? "true" : "false", member in sensitive ? "true" : "false", \
	    number(f[3]), number(f[4]), inner_min, inner_max) \
	    key_min ", " key_max ", " key_pattern ", " pattern ", " list " },"
}

function sort_shapes(	i, j, name) {
	for (i = 2; i <= nshapes; i++) {
		name = shapes[i]
		for (j = i - 1; j >= 1 && shapes[j] > name; j--)
			shapes[j + 1] = shapes[j]
		shapes[j + 1] = name
	}
	for (i = 1; i <= nshapes; i++)
		place[shapes[i]] = i
}

function print_members(name, at,	i, lines) {
	for (i = 1; i <= nmembers[name]; i++)
		lines = lines initializer(name, members[name, i]) "\n"
	printf "static const struct shape_member members_%d[] = {\n", at
	print lines "};"
}

END {
	if (bad)
		exit 1
	if (nshapes == 0)
		fail("no rows")
	for (name in sensitive)
		if (!(name in used))
			fail("no member is called " name)
	sort_shapes()
	print "/* shapes - the table of data shapes; made by shapes.awk, not by hand */"
	print "#include <stddef.h>\n"
	print "#include \"base/shape.h\"\n"
	for (i = 1; i <= nshapes; i++)
		if (nmembers[shapes[i]] > 0)
			print_members(shapes[i], i)
	print "const struct shape shape_table[] = {"
	for (i = 1; i <= nshapes; i++) {
		name = shapes[i]
		print "\t{ " quoted(name) ", " (nmembers[name] > 0 ? "members_" i : "NULL") ", " \
		    nmembers[name] ", " (no_body[name] ? "true" : "false") " },"
	}
	print "};\n"
	print "const int shape_table_n = " nshapes ";"
}
