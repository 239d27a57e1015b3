// SPDX-License-Identifier: MIT
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <wlr/util/log.h>

#include "session.h"
#include "spawn.h"

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"guest", required_argument, NULL, 'g'},
    {"start", no_argument, NULL, 's'},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {"list-steps", no_argument, NULL, 'L'},
    {"fail-at", required_argument, NULL, 'F'},
    {0},
};

static const char usage[] =
    "Usage: phyllome-compositor [OPTIONS]\n"
    "Shows virtual machines on the screens of this computer.\n"
    "\n"
    "  -c, --config FILE  read that session.scfg\n"
    "  -g, --guest DIR  have the guest in that directory too; the first one is shown\n"
    "  -s, --start      start the guests that --guest names\n"
    "  -v, --verbose    log more\n"
    "  -V, --version    print the version\n"
    "  -h, --help       print this\n"
    "      --list-steps print the start-up steps\n"
    "      --fail-at STEP  make that start-up step fail, for tests\n"
    "\n"
    "Guests are the directories in ~/.local/share/phyllome/guests; see phyllome-guest(5);\n"
    "keys and all else that can be set: see phyllome-session(5).\n";

static void list_steps(void)
{
	for (size_t i = 0; session_step_name(i); i++) {
		puts(session_step_name(i));
	}
}

/* -1: run; otherwise the status to exit with. */
static int parse(int argc, char **argv, struct ph_options *options, const char **guests)
{
	enum wlr_log_importance importance = WLR_INFO;
	int option;

	while ((option = getopt_long(argc, argv, "c:g:svVh", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->config = optarg;
			break;
		case 'g':
			guests[options->guest_count++] = optarg;
			break;
		case 's':
			options->start = true;
			break;
		case 'v':
			importance = WLR_DEBUG;
			break;
		case 'V':
			puts("phyllome-compositor " PH_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'L':
			list_steps();
			return 0;
		case 'F':
			options->fail_at = optarg;
			break;
		default:
			fputs("Try phyllome-compositor --help\n", stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "phyllome-compositor: %s: unexpected; guests are named with --guest DIR\n",
		    argv[optind]);
		return 2;
	}
	options->guests = guests;
	wlr_log_init(importance, NULL);
	return -1;
}

int main(int argc, char **argv)
{
	struct ph_options options = {0};
	const char **guests = calloc((size_t)argc, sizeof(*guests));
	struct ph_session *session = calloc(1, sizeof(*session));

	if (!guests || !session) {
		abort();
	}
	/* Pictures go back to the system when they are freed: else glibc learns to keep them. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	/* Each picture of a guest is an open file, and there are many guests. */
	spawn_raise_file_limit();
	int status = parse(argc, argv, &options, guests);
	if (status < 0) {
		if (session_init(session, &options)) {
			status = session_run(session) ? 0 : 1;
			session_finish(session);
		} else {
			status = session->ended ? 0 : 1;
		}
	}
	free(session);
	free(guests);
	return status;
}
