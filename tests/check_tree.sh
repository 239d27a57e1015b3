#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the rules of the tree that a compiler does not: licence lines, what
# pure files and the two programs may include, banned calls, lengths, and that
# every configuration key is in a man page.
#
# usage: check_tree.sh ROOT          checks the tree, one line per violation
#        check_tree.sh --self-test   plants one violation of each rule
set -eu
export LC_ALL=C

self=$(readlink -f "$0")
dirs='compositor vmm-bridge protocols shaders tests docs .ci'

# Pure by design: each of these that exists has to stand in a *_core_sources list.
pure_by_design='
compositor/access.c compositor/layout.c compositor/keys.c compositor/guest_state.c compositor/config.c
compositor/chord.c compositor/command.c compositor/ctl/arguments.c compositor/ctl/near.c
vmm-bridge/bridge_state.c vmm-bridge/guest_config.c vmm-bridge/qemu_command.c
vmm-bridge/display_codec.c vmm-bridge/qmp_codec.c vmm-bridge/frame.c vmm-bridge/pace.c'

# C without comments and without what stands in strings, line numbers kept.
strip_c() {
	awk '{
		line = $0; out = ""
		while (line != "") {
			if (comment) {
				at = index(line, "*/")
				if (!at) { line = ""; break }
				line = substr(line, at + 2); comment = 0
			} else if (match(line, /\/\*|\/\/|"|\047/)) {
				out = out substr(line, 1, RSTART - 1)
				what = substr(line, RSTART, RLENGTH)
				line = substr(line, RSTART + RLENGTH)
				if (what == "/*") { comment = 1 }
				else if (what == "//") { line = "" }
				else {
					out = out what
					while (line != "" && substr(line, 1, 1) != what) {
						line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
					}
					out = out what; line = substr(line, 2)
				}
			} else { out = out line; line = "" }
		}
		print out
	}' "$1"
}

# The .c files named in any statement that fills a *_core_sources list.
core_sources() {
	for build in compositor/meson.build vmm-bridge/meson.build; do
		[ -f "$build" ] || continue
		awk -v dir="$(dirname "$build")" '
			/^[ \t]*#/ { next }
			/_core_sources *\+?= *files\(/ { inside = 1 }
			inside {
				line = $0
				while (match(line, /\047[A-Za-z0-9_\/.]+\.c\047/)) {
					print dir "/" substr(line, RSTART + 1, RLENGTH - 2)
					line = substr(line, RSTART + RLENGTH)
				}
				if ($0 ~ /\)/) inside = 0
			}' "$build"
	done
}

list_files() { # suffix...
	for dir in $dirs; do
		[ -d "$dir" ] || continue
		for suffix in "$@"; do
			find "$dir" -type f -name "*$suffix"
		done
	done | sort
}

check_licences() {
	{
		list_files .c .h .sh .py .xml .scd .frag meson.build
		for file in meson.build meson.options dev; do
			[ ! -f $file ] || echo $file
		done
	} | while read -r file; do
		head -n 6 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
			echo "$file:1: no line 'SPDX-License-Identifier: MIT' within the first six"
	done
}

check_lengths() {
	list_files .c .h .sh .py | while read -r file; do
		lines=$(wc -l <"$file")
		if [ "$lines" -gt 700 ]; then
			echo "$file:700: file of $lines lines, at most 700"
		elif [ "$lines" -gt 400 ]; then
			echo "warning: $file: file of $lines lines, 400 is the aim" >&2
		fi
	done
	list_files .c .h | while read -r file; do
		awk -v file="$file" '
			/^[A-Za-z_].*\(/ {
				name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
			}
			/^{/ { start = NR }
			/^}/ && start {
				length_ = NR - start + 1; limit = name == "main" ? 60 : 80
				if (length_ > limit)
					printf "%s:%d: %s() has %d lines, at most %d\n",
						file, start, name, length_, limit
				start = 0
			}' "$file"
	done
}

check_calls() {
	banned='strcpy|strcat|stpcpy|sprintf|vsprintf|gets|scanf|sscanf|fscanf|system|popen|wordexp'
	banned="$banned|atoi|atol|atoll|atof|strtok|tmpnam|tempnam|mktemp|alloca|asctime|ctime|vfork"
	list_files .c .h | while read -r file; do
		strip_c "$file" | grep -nE "(^|[^A-Za-z0-9_.>])($banned)[ \t]*\(" | while read -r hit; do
			echo "$file:${hit%%:*}: banned call:${hit#*:}"
		done
	done
}

# file, pattern, reason
ban_lines() {
	# includes stand in quotes too, so the text is taken as it is, without comments
	sed -e 's|//.*||' -e 's|/\*.*\*/||' "$1" | grep -nE "$2" | while read -r hit; do
		echo "$1:${hit%%:*}: $3: ${hit#*:}"
	done
}

check_pure() {
	core=$(core_sources)
	for file in $pure_by_design; do
		[ ! -f "$file" ] || echo "$core" | grep -qxF "$file" ||
			echo "$file:1: pure by design but in no *_core_sources list of meson.build"
	done
	for file in $core vmm-bridge/bytes.h; do
		for part in "$file" "${file%.c}.h"; do
			[ -f "$part" ] || continue
			ban_lines "$part" \
				'#include.*[<"](wlr/|wayland-|systemd/sd-(bus|event|varlink|journal)|sys/(socket|un|epoll|timerfd|signalfd)|poll\.h|time\.h|sys/time\.h|libinput|libudev|xf86drm)' \
				'pure file with an unpure include'
			strip_c "$part" |
				grep -nE '(^|[^A-Za-z0-9_.>])(getenv|secure_getenv|socket|connect|sendmsg|recvmsg|poll|epoll_wait|clock_gettime|gettimeofday|time|open|fopen|fork)[ \t]*\(' |
				while read -r hit; do
					echo "$part:${hit%%:*}: pure file with a call to the world:${hit#*:}"
				done
			strip_c "$part" | grep -nE '^(static |extern )?[A-Za-z_][A-Za-z0-9_ *]*(\[[^]]*\])*( =.*|;)$' |
				grep -vE '^[0-9]+:(.*\bconst\b|typedef|struct [a-z0-9_]+;|enum [a-z0-9_]+;|static_assert|_Static_assert)' |
				while read -r hit; do
					echo "$part:${hit%%:*}: pure file with a variable of its own:${hit#*:}"
				done
		done
	done
}

check_layers() {
	for file in $(find compositor -name '*.[ch]' 2>/dev/null | sort); do
		ban_lines "$file" '#include.*(vmm-bridge|qmp_|display_codec)' \
			'the compositor knows nothing of QEMU'
		case $file in
		compositor/logind.c | compositor/appearance.c) ;;
		*) ban_lines "$file" '#include.*sd-bus' 'only logind.c and appearance.c speak D-Bus' ;;
		esac
	done
	for file in $(find vmm-bridge -name '*.[ch]' 2>/dev/null | sort); do
		ban_lines "$file" '#include.*(wlr/|wayland-server|libinput|libseat|libudev|compositor/)' \
			'the bridge has no seat, no devices and no wlroots'
		case $file in
		vmm-bridge/display_*) ;;
		*) ban_lines "$file" '#include.*sd-bus' 'only display_* speak D-Bus' ;;
		esac
	done
	for file in $(find compositor vmm-bridge -name '*.c' 2>/dev/null | sort); do
		ban_lines "$file" '^#[ \t]*(if|ifdef|ifndef)' \
			'optional parts are files chosen by meson, not conditional code'
	done
}

# A key is a string that begins an entry of a table ({"memory", …) or is
# compared with (strcmp(name, "memory") == 0), in the files that parse scfg.
check_keys() {
	for pair in vmm-bridge/guest_config.c:docs/phyllome-guest.5.scd \
		compositor/command.c:docs/phyllome-session.5.scd \
		compositor/command.c:docs/phyllomectl.1.scd \
		compositor/ctl/arguments.c:docs/phyllomectl.1.scd \
		compositor/config.c:docs/phyllome-session.5.scd \
		compositor/config_bindings.c:docs/phyllome-session.5.scd \
		compositor/config_gestures.c:docs/phyllome-session.5.scd \
		compositor/gesture.c:docs/phyllome-session.5.scd \
		compositor/config_values.c:docs/phyllome-session.5.scd \
		compositor/config_input.c:docs/phyllome-session.5.scd \
		compositor/config_screens.c:docs/phyllome-session.5.scd; do
		source=${pair%:*}
		page=${pair#*:}
		[ -f "$source" ] || continue
		if [ ! -f "$page" ]; then
			echo "$source:1: its keys have no man page $page"
			continue
		fi
		grep -noE '(\{ *|strcmp\([^"]*)"[a-z][a-z0-9-]*"' "$source" | while read -r hit; do
			key=${hit%\"}
			key=${key##*\"}
			grep -qE "\*([^*]* )?$key( [^*]*)?\*" "$page" ||
				echo "$source:${hit%%:*}: key '$key' is not in $page as *$key*"
		done
	done
}

check_tree() {
	cd "$1"
	for what in licences lengths calls pure layers keys; do
		check_$what
	done
}

expect() { # rule, file, text of the violation; leaves the tree clean
	mkdir -p "$(dirname "$root/$2")"
	[ ! -f "$root/$2" ] || cp "$root/$2" "$root/saved"
	cat >"$root/$2"
	if ! "$self" "$root" 2>&1 | grep -qF "$2:$3"; then
		echo "self-test: $1: '$2:$3' was not reported; the tool said:"
		"$self" "$root" || true
		exit 1
	fi
	rm "$root/$2"
	[ ! -f "$root/saved" ] || mv "$root/saved" "$root/$2"
}

self_test() {
	root=$(mktemp -d)
	trap 'rm -rf "$root"' EXIT
	licence='/* SPDX-License-Identifier: MIT */'
	mkdir "$root/compositor" "$root/vmm-bridge" "$root/docs"
	printf '%s\n' '# SPDX-License-Identifier: MIT' \
		"session_core_sources = files(" "  'keys.c'," ")" >"$root/compositor/meson.build"
	printf '%s\n' "$licence" '#include "keys.h"' 'static const int limit = 3;' \
		'/* strcpy( */ int f(const char *s)' '{' '	return s[0] == limit;' '}' \
		'const char *text = "system(";' >"$root/compositor/keys.c"
	if ! "$self" "$root"; then
		echo 'self-test: the clean tree is refused'
		exit 1
	fi
	echo 'int x;' | expect licence vmm-bridge/x.c "1: no line 'SPDX"
	{ echo "$licence"; yes 'int f(void);' | head -n 700; } |
		expect 'file length' vmm-bridge/x.c '700: file of 701 lines'
	{ printf '%s\nint long_one(int a,\n    int b)\n{\n' "$licence"; yes '	a++;' | head -n 79; echo '}'; } |
		expect 'function length' vmm-bridge/x.c '4: long_one() has 81 lines'
	{ printf '%s\nint main(void)\n{\n' "$licence"; yes '	f();' | head -n 59; echo '}'; } |
		expect 'main length' vmm-bridge/x.c '3: main() has 61 lines'
	printf '%s\n\nvoid f(char *s) { strcpy(s, "x"); }\n' "$licence" |
		expect 'banned call' vmm-bridge/x.c '3: banned call'
	printf '%s\n#include <wlr/types/wlr_seat.h>\n' "$licence" |
		expect 'pure include' compositor/keys.c '2: pure file with an unpure include'
	printf '%s\n#include <time.h>\n' "$licence" |
		expect 'pure header' compositor/keys.h '2: pure file with an unpure include'
	printf '%s\nchar *f(void) { return getenv("A"); }\n' "$licence" |
		expect 'pure call' compositor/keys.c '2: pure file with a call to the world'
	printf '%s\nstatic int counter;\n' "$licence" |
		expect 'pure state' compositor/keys.c '2: pure file with a variable of its own'
	printf '%s\n' "$licence" |
		expect 'pure by design' vmm-bridge/qmp_codec.c '1: pure by design'
	printf '%s\n#include <systemd/sd-bus.h>\n' "$licence" |
		expect 'compositor layer' compositor/x.c '2: only logind.c and appearance.c speak D-Bus'
	printf '%s\n#include <wlr/util/log.h>\n' "$licence" |
		expect 'bridge layer' vmm-bridge/x.c '2: the bridge has no seat'
	printf '%s\n#ifdef HAVE_X\n#endif\n' "$licence" |
		expect 'conditional code' vmm-bridge/x.c '2: optional parts are files'
	printf '%s\n' 'SPDX-License-Identifier: MIT' '*memory*' >"$root/docs/phyllome-session.5.scd"
	printf "x_core_sources += files('config.c')\n" >>"$root/compositor/meson.build"
	printf '%s\nstatic const struct key keys[] = {\n\t{"memory", f},\n\t{"cpus", f},\n};\n' "$licence" |
		expect 'config key' compositor/config.c "4: key 'cpus' is not in"
	echo 'self-test: every planted violation was found'
}

case ${1-} in
--self-test) self_test ;;
?*)
	found=$(check_tree "$1")
	if [ -n "$found" ]; then
		echo "$found"
		exit 1
	fi
	;;
*)
	echo "usage: $0 ROOT | --self-test" >&2
	exit 2
	;;
esac
