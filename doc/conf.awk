# conf.awk - the manual page of the settings, from the sample file: the comment above each setting
# describes it, and the sample shows its default
function roff(s) {
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	sub(/^[.']/, "\\\\\\&&", s)
	return s
}
function flush(i) {
	for (i = 1; i <= n; i++)
		print roff(text[i])
	n = 0
}
NR == 1 {
	print ".TH \"TARN.CONF\" 5 \"\" \"Tarn\" \"Tarn manual\""
	what = $0
	sub(/^# tarn.conf - /, "", what)
	printf ".SH NAME\ntarn.conf \\- %s\n.SH DESCRIPTION\n", roff(what)
	next
}
/^# [a-z_0-9]+ =/ {
	if (!settings++)
		print ".SH SETTINGS"
	print ".TP\n.B " roff(substr($0, 3))
	flush()
	next
}
/^# ./ { text[++n] = substr($0, 3) }
/^$/ && !settings { flush() }
END {
	if (settings == 0)
		exit 1
	print ".SH SEE ALSO\n.BR tarn (8),\n.BR tarnd (8)"
}
