// SPDX-License-Identifier: MIT
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "bridge.h"
#include "qemu_start.h"

#define LOG_MODULE "main"
#include "log.h"

#define GUEST_ID_MAX 64 /* bytes */

static const char usage[] =
    "usage: phyllome-bridge [OPTION]... GUEST_DIRECTORY\n"
    "\n"
    "Joins one guest, a directory with a guest.scfg, to a Phyllome session.\n"
    "\n"
    "  --start              start the guest without being told to\n"
    "  --attach SOCKET      take over the QEMU whose QMP socket this is\n"
    "  --socket PATH        the session's socket for guests\n"
    "                       (default: $XDG_RUNTIME_DIR/phyllome/guests.sock)\n"
    "  --runtime DIRECTORY  for the guest's run-time files\n"
    "                       (default: beside the socket, named like the guest)\n"
    "  --explain            print the command line of QEMU with reasons, and end\n"
    "  --verbose            log more\n"
    "  --version            print the version, and end\n"
    "  --help               print this, and end\n";

enum option_code {
	OPTION_START = 256,
	OPTION_ATTACH,
	OPTION_SOCKET,
	OPTION_RUNTIME,
	OPTION_EXPLAIN,
	OPTION_VERBOSE,
	OPTION_VERSION,
	OPTION_HELP,
};

struct arguments {
	struct ph_bridge_options options;
	bool explain;
	char *guest_dir, *socket_path, *runtime; /* owned */
	const char *socket_given, *runtime_given;
};

/* -1: go on; otherwise the exit code. */
static int read_options(struct arguments *arguments, int argc, char *argv[])
{
	static const struct option longs[] = {
	    {"start", no_argument, NULL, OPTION_START},
	    {"attach", required_argument, NULL, OPTION_ATTACH},
	    {"socket", required_argument, NULL, OPTION_SOCKET},
	    {"runtime", required_argument, NULL, OPTION_RUNTIME},
	    {"explain", no_argument, NULL, OPTION_EXPLAIN},
	    {"verbose", no_argument, NULL, OPTION_VERBOSE},
	    {"version", no_argument, NULL, OPTION_VERSION},
	    {"help", no_argument, NULL, OPTION_HELP},
	    {0},
	};
	int code;
	while ((code = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (code) {
		case OPTION_START:
			arguments->options.start = true;
			break;
		case OPTION_ATTACH:
			arguments->options.attach = optarg;
			break;
		case OPTION_SOCKET:
			arguments->socket_given = optarg;
			break;
		case OPTION_RUNTIME:
			arguments->runtime_given = optarg;
			break;
		case OPTION_EXPLAIN:
			arguments->explain = true;
			break;
		case OPTION_VERBOSE:
			arguments->options.verbose = true;
			break;
		case OPTION_VERSION:
			printf("phyllome-bridge " PH_VERSION "\n");
			return PH_EXIT_OK;
		case OPTION_HELP:
			fputs(usage, stdout);
			return PH_EXIT_OK;
		default:
			fputs("phyllome-bridge --help tells the options\n", stderr);
			return PH_EXIT_USAGE;
		}
	}
	if (argc - optind != 1) {
		fprintf(stderr,
		    "phyllome-bridge: one guest directory expected, %d given; "
		    "phyllome-bridge --help tells the usage\n",
		    argc - optind);
		return PH_EXIT_USAGE;
	}
	return -1;
}

/* Fills the paths that follow from others. False: logged. */
static bool find_paths(struct arguments *arguments, const char *dir)
{
	struct stat status;
	arguments->guest_dir = realpath(dir, NULL);
	if (!arguments->guest_dir || stat(arguments->guest_dir, &status) < 0 ||
	    !S_ISDIR(status.st_mode)) {
		log_error("%s: %s; a guest is a directory with a guest.scfg in it", dir,
		    arguments->guest_dir ? "not a directory" : strerror(errno));
		return false;
	}
	const char *id = strrchr(arguments->guest_dir, '/') + 1;
	if (!id[0] || strlen(id) > GUEST_ID_MAX) {
		log_error("%s: a guest's directory has a name of 1 to %d bytes; rename it", dir,
		    GUEST_ID_MAX);
		return false;
	}
	const char *base = getenv("XDG_RUNTIME_DIR");
	if (arguments->socket_given) {
		arguments->socket_path = alloc_string(arguments->socket_given);
	} else if (base && base[0] == '/') {
		arguments->socket_path = alloc_format("%s/phyllome/guests.sock", base);
	} else {
		log_error("XDG_RUNTIME_DIR is not set; log in through systemd, or use --socket");
		return false;
	}
	if (arguments->runtime_given) {
		arguments->runtime = alloc_string(arguments->runtime_given);
	} else {
		const char *slash = strrchr(arguments->socket_path, '/');
		arguments->runtime =
		    slash ? alloc_format("%.*s/%s", (int)(slash - arguments->socket_path),
				arguments->socket_path, id)
			  : alloc_format("./%s", id);
	}
	arguments->options.guest_dir = arguments->guest_dir;
	arguments->options.guest_id = id;
	arguments->options.socket_path = arguments->socket_path;
	arguments->options.runtime = arguments->runtime;
	return true;
}

static int explain(const struct ph_bridge_options *options)
{
	struct ph_qemu_start start = {
	    .guest_dir = options->guest_dir,
	    .guest_id = options->guest_id,
	    .runtime = options->runtime,
	    .compositor_dmabuf = true,
	};
	char error[PH_REASON_MAX];
	if (!qemu_start_explain(&start, error)) {
		log_error("%s", error);
		return PH_EXIT_STARTUP;
	}
	return PH_EXIT_OK;
}

int main(int argc, char *argv[])
{
	struct arguments arguments = {0};
	int code = read_options(&arguments, argc, argv);
	if (code >= 0) {
		return code;
	}
	enum ph_log_level level = arguments.options.verbose ? PH_LOG_DEBUG : PH_LOG_INFO;
	log_init(level, NULL);
	code = PH_EXIT_STARTUP;
	if (find_paths(&arguments, argv[optind])) {
		log_init(level, arguments.options.guest_id);
		code = arguments.explain ? explain(&arguments.options)
					 : bridge_run(&arguments.options);
	}
	free(arguments.guest_dir);
	free(arguments.socket_path);
	free(arguments.runtime);
	return code;
}
