#!/bin/sh
# Who may include what: "The shape" in doc/HACKING.md.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

layers() {
	files "$1" daemon -- '*.c' '*.h' |
		over "$1" awk -v part=daemon -f "$lint/layers.awk"
}

plugins() {
	files "$1" plugins -- '*.c' '*.h' |
		over "$1" awk -v part=plugins -f "$lint/layers.awk"
}

holds layers "a layer includes itself and what is below it"
holds plugins "a plugin includes the contract, libraries and its own files"

finds layers daemon/base/x.c "a higher layer" <<'EOF'
#include "text/tokens.h"
EOF
finds layers daemon/conf/x.c "a layer of the same height" <<'EOF'
#include "store/store.h"
EOF
finds layers daemon/faq/x.c "a layer of the same height, in angles" <<'EOF'
#include <nlu/pack.h>
EOF
finds layers daemon/model/x.c "the network in the model" <<'EOF'
#include "net/http_client.h"
EOF
finds layers daemon/net/x.c "the model in a layer of its height" <<'EOF'
#include "model/weights.h"
EOF
finds layers daemon/dialog/x.h "SQLite outside the store" <<'EOF'
 # include <sqlite3.h>
EOF
finds layers daemon/admin/x.c "libevent outside net" <<'EOF'
#include <event2/event.h>
EOF
finds layers daemon/host/x.c "libcurl outside net" <<'EOF'
#include <curl/curl.h>
EOF
finds layers daemon/nlu/x.c "libyaml outside conf" <<'EOF'
#include <yaml.h>
EOF
finds layers daemon/cli/x.c "dlopen outside host" <<'EOF'
#include <dlfcn.h>
EOF
finds layers daemon/text/x.c "the plugin contract below conf" <<'EOF'
#include <tellerd/plugin.h>
EOF
finds layers daemon/base/x.c "a library that no layer has" <<'EOF'
#include <zlib.h>
EOF
finds layers daemon/base/x.c "a path that names no layer" <<'EOF'
#include "err.h"
EOF
finds layers daemon/misc/x.c "a folder that is no layer" <<'EOF'
#include <stdio.h>
EOF
accepts layers daemon/conf/x.c "what conf may include" <<'EOF'
#include <yaml.h>
#include <tellerd/plugin.h>

#include "conf/yaml.h"
#include "text/fold.h"
/*
#include "store/store.h" in a comment is none.
*/
EOF
finds plugins plugins/web/x.c "a header of the daemon in a plugin" <<'EOF'
#include "base/err.h"
EOF
finds plugins plugins/web/x.c "a header of the daemon, in angles" <<'EOF'
#include <base/err.h>
EOF
finds plugins plugins/web/x.c "another plugin's file" <<'EOF'
#include "../slack/slack.h"
EOF
finds plugins plugins/web/x.c "SQLite in a plugin" <<'EOF'
#include <sqlite3.h>
EOF
accepts plugins plugins/web/x.c "what a plugin may include" <<'EOF'
#include <tellerd/plugin.h>
#include <cmark.h>
#include <sys/types.h>
EOF
finish
