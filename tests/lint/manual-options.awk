# Settings as heads of list items in a manual page, one a row that comes in:
# path, type, choices, default, unit, min, max, parted by tabs; a default that
# is "-" is none.

# In the largest unit of which it is a whole number of times.
function quantity(number, names, factors, n,  i) {
	for (i = 1; i < n && (number == 0 || number % factors[i]); i++)
		;
	return number / factors[i] (names[i] == "" ? "" : " ") names[i]
}

function amount(type, number) {
	if (type == "duration")
		return quantity(number, duration, ms, 5)
	if (type == "size")
		return quantity(number, size, bytes, 4)
	return number + 0
}

# What the values are limited to, in words.
function limits(type, unit, min, max,  words) {
	if (min + 0 == 0 && max + 0 == 0)
		return ""
	if (min + 0 == 0 && (type ~ /^list/ || type == "text" || type == "table"))
		words = "up to " max
	else
		words = amount(type, min) " to " amount(type, max)
	if (type == "text")
		return ", " words " bytes"
	if (type ~ /^list/)
		return ", " words " entries" (unit == "" ? "" : ", each " unit)
	return ", " words (unit == "" ? "" : " " unit)
}

BEGIN {
	FS = "\t"
	CONVFMT = "%.15g"
	split("d h min s ms", duration, " ")
	split("86400000 3600000 60000 1000 1", ms, " ")
	split("GiB MiB KiB", size, " ")
	size[4] = ""
	split("1073741824 1048576 1024 1", bytes, " ")
}

{
	type = $2
	if (type == "one of") {
		gsub(/ /, ", ", $3)
		type = type " " $3
	}
	fallback = $4 == "-" ? "must be given" : \
		"default: " ($4 == "" ? "empty" : $4)
	# Or it would end the sentence.
	if (fallback ~ /[.,:;]$/)
		fallback = fallback "\\&"
	printf ".It Cm %s Pq \"%s%s; %s\"\n", $1, type,
		limits($2, $5, $6, $7), fallback
}
