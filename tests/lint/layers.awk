# Prints each #include of the C files that its layer (part=daemon) or plugin
# (part=plugins) has no right to, as file:line: words.

BEGIN {
	n = split("base 0 text 1 conf 2 store 2 net 2 model 2 train 3 nlu 3 " \
		"faq 3 host 3 dialog 4 admin 5 cli 6", words)
	for (i = 1; i < n; i += 2)
		height[words[i]] = words[i + 1]

	# Who may include a library's header; "a/" stands for all below it.
	who["cblas.h"] = "model train"
	who["cmark.h"] = "faq dialog"
	who["cpuid.h"] = "model train"
	who["curl/"] = "net"
	who["dlfcn.h"] = "host"
	who["event2/"] = "net"
	who["immintrin.h"] = "model train"
	who["jansson.h"] = "all"
	who["libstemmer.h"] = "text faq"
	who["openssl/"] = "base net"
	who["sqlite3.h"] = "store"
	who["tellerd/plugin.h"] = "conf store net model train nlu faq host " \
		"dialog admin cli"
	who["utf8proc.h"] = "base text"
	who["yaml.h"] = "conf"

	n = split("assert complex ctype dirent errno fcntl fenv float fnmatch " \
		"getopt glob grp inttypes iso646 libgen limits locale malloc " \
		"math netdb poll pthread pwd sched semaphore setjmp signal " \
		"spawn stdalign stdarg stdatomic stdbool stddef stdint stdio " \
		"stdlib stdnoreturn string strings sysexits syslog termios " \
		"tgmath threads time uchar unistd wchar wctype", words)
	for (i = 1; i <= n; i++)
		who[words[i] ".h"] = "all"
	n = split("arpa linux net netinet sys", words)
	for (i = 1; i <= n; i++)
		who[words[i] "/"] = "all"
}

function complain(text)
{
	print FILENAME ":" FNR ": " text
}

function check_library(header, layer,    key, allowed)
{
	key = header
	if (!(key in who))
		sub(/\/.*/, "/", key)
	if (!(key in who)) {
		complain("<" header "> is not in the table of tests/lint/layers.awk")
		return
	}
	allowed = who[key]
	if (allowed != "all" && index(" " allowed " ", " " layer " ") == 0)
		complain(layer " includes <" header ">, which is for " allowed)
}

function check_layer(header, layer,    other)
{
	other = header
	sub(/\/.*/, "", other)
	if (header !~ /\// || !(other in height))
		complain("\"" header "\" does not begin with a layer")
	else if (other != layer && height[other] >= height[layer])
		complain(layer " includes \"" header "\", which is not below it")
}

function check_plugin(header, quote,    other)
{
	other = header
	sub(/\/.*/, "", other)
	if (other in height && header ~ /\//)
		complain("a plugin includes the daemon's " header)
	else if (header == "sqlite3.h")
		complain("a plugin includes SQLite")
	else if (quote == "\"" && header ~ /\//)
		complain("\"" header "\" is not a file of this plugin")
}

FNR == 1 {
	in_comment = 0
	layer = FILENAME
	sub(/^[^\/]*\//, "", layer)
	sub(/\/.*/, "", layer)
	if (part == "daemon" && !(layer in height))
		complain("daemon/" layer " is not a layer")
}

/^[ \t]*#[ \t]*include/ && !in_comment {
	header = $0
	sub(/^[ \t]*#[ \t]*include[ \t]*/, "", header)
	quote = substr(header, 1, 1)
	header = substr(header, 2)
	sub(/[">].*/, "", header)
	other = header
	sub(/\/.*/, "", other)
	if (part == "plugins")
		check_plugin(header, quote)
	else if (quote == "\"" || (other in height && header ~ /\//))
		check_layer(header, layer)
	else
		check_library(header, layer)
}

# Comments of several lines; one that ends begins no other in our sources.
{
	line = $0
	gsub(/"([^"\\]|\\.)*"/, "", line)
	gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", line)
	if (line ~ /\*\//)
		in_comment = 0
	if (line ~ /\/\*/)
		in_comment = 1
}
