# Prints C sources as file:line:text, without comments and, with strings=0,
# without what is between quotes; with strings=1, only what is between double
# quotes.

FNR == 1 { in_comment = 0 }

{
	text = ""
	quote = ""
	for (i = 1; i <= length($0); i++) {
		c = substr($0, i, 1)
		two = substr($0, i, 2)
		if (in_comment) {
			if (two == "*/") {
				in_comment = 0
				i++
			}
		} else if (quote != "") {
			if (c == quote) {
				quote = ""
				text = text " "
			} else {
				if (strings && quote == "\"")
					text = text c
				if (c == "\\") {
					i++
					if (strings && quote == "\"")
						text = text substr($0, i, 1)
				}
			}
		} else if (two == "/*") {
			in_comment = 1
			i++
		} else if (two == "//") {
			break
		} else if (c == "\"" || c == "'") {
			quote = c
		} else if (!strings) {
			text = text c
		}
	}
	if (text ~ /[^ \t]/)
		print FILENAME ":" FNR ":" text
}
