// SPDX-License-Identifier: MIT
/* Starting, commanding and losing a QEMU. */
#include "qemu_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

TEST(a_life_from_start_to_power_off)
{
	struct bench f;
	bench_init(&f, "good", 0);
	check(!qemu_attach(f.qemu, false));
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	while (!f.displays) {
		sd_event_run(f.event, 50000);
	}
	/* a session of its own, or a terminal's Ctrl-C would end it */
	check_int(getsid(f.qemu_pid), f.qemu_pid);
	qemu_act(f.qemu, PH_ACTION_PAUSE, false);
	bench_wait_state(&f, PH_GUEST_PAUSED, "");
	qemu_act(f.qemu, PH_ACTION_RESUME, false);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_POWERDOWN, false);
	bench_wait_state(&f, PH_GUEST_OFF, "");
	check(!qemu_is_there(f.qemu));
	check_int(f.gone, 1);
	/* and again */
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_state(&f, PH_GUEST_OFF, "its power was cut");
	bench_finish(&f);
}

/* The port goes to QEMU, the bridge finds its socket, and says something only after a pause. */
TEST(clock_after_a_pause)
{
	struct bench f;
	char *path = NULL;
	check_op(asprintf(&path, "%s/agent.log", test_dir()), >, 0);
	setenv("PH_FAKE_AGENT_LOG", path, 1);
	bench_init(&f, "agent", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_PAUSE, false);
	bench_wait_state(&f, PH_GUEST_PAUSED, "");
	sd_event_run(f.event, 50000);
	char *text = test_read_file(path, NULL);
	check_str(text, "");
	qemu_act(f.qemu, PH_ACTION_RESUME, false);
	uint64_t end = test_now_us() + 30000000;
	while (!strstr(text, "guest-set-time") ||
	       !strstr(strstr(text, "guest-set-time"), "get-time")) {
		if (test_now_us() > end) {
			test_fail(__FILE__, __LINE__, "the agent was told '%s', %s", text,
			    bridge_state_name(qemu_state(f.qemu)->state));
		}
		check_op(sd_event_run(f.event, 50000), >=, 0);
		free(text);
		text = test_read_file(path, NULL);
	}
	check_contains(text, "guest-sync-delimited");
	check_int(qemu_state(f.qemu)->state, PH_GUEST_RUNNING);
	free(text);
	free(path);
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_state(&f, PH_GUEST_OFF, "its power was cut");
	bench_finish(&f);
}

/* Its last words count also when they are read together with the news of its end. */
TEST(power_off_is_no_loss_on_a_busy_machine)
{
	struct bench f;
	bench_init(&f, "good", 0);
	for (int i = 0; i < 5; i++) {
		bench_start_guest(&f);
		bench_wait_state(&f, PH_GUEST_RUNNING, "");
		qemu_act(f.qemu, PH_ACTION_POWERDOWN, false);
		usleep(100000);
		bench_wait_state(&f, PH_GUEST_OFF, "");
	}
	bench_finish(&f);
}

TEST(qemu_is_missing)
{
	struct bench f;
	bench_init(&f, "good", 0);
	bench_write_config(&f, "/nonexistent/qemu");
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST,
	    "QEMU cannot be started: /nonexistent/qemu: No such file or directory; correct the key "
	    "program");
	check(!qemu_is_there(f.qemu));
	bench_finish(&f);

	char error[PH_HOST_ERROR_MAX];
	check(host_find_qemu(NULL, "/nonexistent:relative:", error) == NULL ||
	      access("/usr/libexec/qemu-kvm", F_OK) == 0);
	check_contains(error,
	    "qemu-system-x86 and for its display qemu-system-modules-opengl (Debian) "
	    "or qemu-ui-dbus (Fedora)");
}

TEST(qemu_is_no_program)
{
	char path[4096], other[4200], error[PH_HOST_ERROR_MAX];
	struct bench f;
	bench_init(&f, "good", 0);
	snprintf(path, sizeof(path), "%s/qemu-system-x86_64", test_dir());
	test_write_file(path, "no program at all\n", 18);
	bench_write_config(&f, path);
	bench_start_guest(&f);
	if (geteuid() == 0) {
		/* nobody forbids root to execute, as long as one execute bit is set: none is */
		check_op(access(path, X_OK), <, 0);
	}
	bench_wait_state(
	    &f, PH_GUEST_LOST, "qemu-system-x86_64: not executable; correct the key program");
	check(host_find_qemu(NULL, test_dir(), error) == NULL);
	check_contains(error, "qemu-system-x86_64 is not executable; install its package again");
	chmod(path, 0755);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "qemu-system-x86_64: not a program of this computer");
	test_write_file(path, "#!/nonexistent/sh\n", 18);
	bench_start_guest(&f);
	bench_wait_state(
	    &f, PH_GUEST_LOST, "the program, or the interpreter that it names, is missing");
	char *found = host_find_qemu(NULL, test_dir(), error);
	check_str(found, path);
	free(found);
	/* a directory of that name is none */
	snprintf(other, sizeof(other), "%s/qemu-system-x86_64", f.runtime);
	mkdir(other, 0700);
	check(host_find_qemu(NULL, f.runtime, error) == NULL);
	bench_finish(&f);
}

TEST(qemu_dies_at_once)
{
	static const struct {
		const char *mode, *reason;
	} table[] = {
	    {"die:-drive x: Could not open 'x'",
		"QEMU ended with status 1: -drive x: Could not open 'x'"},
	    {"die:-display dbus,p2p=on: Parameter 'type' does not accept value 'dbus'",
		"; install QEMU's D-Bus display: the package qemu-system-modules-opengl (Debian) "
		"or "
		"qemu-ui-dbus (Fedora)"},
	    {"die:Display 'dbus' is not available. Perhaps you want to install x?",
		"; install QEMU's D-Bus display: the package qemu-system-modules-opengl (Debian)"},
	    {"die:-device virtio-vga-gl: 'virtio-vga-gl' is not a valid device model name",
		"; install QEMU's displays: the package qemu-system-modules-opengl (Debian)"},
	    {"die:egl: render node init failed", "set gl off in the block display"},
	    {"die:write failed: No space left on device", "; free some space"},
	    {"die:cannot set up guest memory 'ram': Cannot allocate memory",
		"give the guest less memory"},
	    {"die:Failed to get \"write\" lock", "another program uses this disk"},
	    {"die:\x1b]0;evil\x07", "\\x1b]0;evil\\x07"},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench f;
		bench_init(&f, table[i].mode, 0);
		bench_start_guest(&f);
		bench_wait_state(&f, PH_GUEST_LOST, table[i].reason);
		check(strstr(qemu_state(f.qemu)->reason, "2026-11-21") == NULL);
		check(!qemu_is_there(f.qemu));
		bench_finish(&f);
	}
}

TEST(qemu_never_answers)
{
	struct bench f;
	bench_init(&f, "silent", 300000);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "QEMU does not answer on its control socket");
	bench_wait_gone(&f);
	check_op(kill(f.qemu_pid, 0), <, 0);
	check_contains(qemu_state(f.qemu)->reason, "QEMU does not answer");
	bench_finish(&f);
}

/* Silence may pass, and a guest is at stake: only a person ends it. */
TEST(qemu_stops_answering)
{
	struct bench f;
	bench_init(&f, "mute", 300000);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_STARTING, "QEMU does not answer; it is very busy, or hangs");
	uint64_t end = test_now_us() + 1000000;
	while (test_now_us() < end) {
		check_op(sd_event_run(f.event, 50000), >=, 0);
	}
	check(qemu_is_there(f.qemu));
	check_int(kill(f.qemu_pid, 0), 0);
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_state(&f, PH_GUEST_OFF, "its power was cut");
	bench_finish(&f);
}

TEST(qemu_is_busy_for_a_while)
{
	struct bench f;
	bench_init(&f, "busy", 300000);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_STARTING, "QEMU does not answer; it is very busy, or hangs");
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	check_contains("the display works without the GPU: the session cannot show dma-bufs",
	    qemu_state(f.qemu)->reason);
	while (!f.displays) {
		check_op(sd_event_run(f.event, 50000), >=, 0);
	}
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_gone(&f);
	bench_finish(&f);
}

TEST(qemu_is_too_old)
{
	struct bench f;
	bench_init(&f, "old", 0);
	bench_start_guest(&f);
	bench_wait_state(
	    &f, PH_GUEST_LOST, "QEMU 9.2 is too old: at least 10.1 is needed; update QEMU");
	bench_wait_gone(&f);
	check_op(kill(f.qemu_pid, 0), <, 0);
	bench_finish(&f);
}

TEST(qemu_speaks_something_else)
{
	struct bench f;
	bench_init(&f, "garbage", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "the other end does not speak QMP");
	bench_wait_gone(&f);
	bench_finish(&f);
}

TEST_TIMEOUT(qemu_hangs_up_but_lives, 20)
{
	struct bench f;
	bench_init(&f, "hang-up", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "QEMU ended by signal 9 (Killed)");
	check_op(kill(f.qemu_pid, 0), <, 0);
	bench_finish(&f);
}

TEST(qemu_is_killed_by_somebody)
{
	struct bench f;
	bench_init(&f, "crash", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "QEMU ended by signal 9 (Killed)");
	check(!qemu_is_there(f.qemu));
	bench_finish(&f);
}

TEST_TIMEOUT(qemu_will_not_quit, 20)
{
	struct bench f;
	bench_init(&f, "stubborn", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "");
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_state(&f, PH_GUEST_OFF, "its power was cut");
	check_op(kill(f.qemu_pid, 0), <, 0);
	bench_finish(&f);
}

TEST(qemu_has_no_display_for_us)
{
	struct bench f;
	bench_init(&f, "no-display", 0);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_RUNNING, "D-Bus display is not in use");
	check_int(f.displays, 0);
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_gone(&f);
	bench_finish(&f);
}

TEST(kill_comes_before_the_start_is_done)
{
	struct bench f;
	bench_init(&f, "good", 0);
	bench_start_guest(&f);
	qemu_act(f.qemu, PH_ACTION_KILL, false);
	bench_wait_state(&f, PH_GUEST_OFF, "its power was cut");
	bench_finish(&f);
}

TEST(runtime_directory_is_gone)
{
	struct bench f;
	bench_init(&f, "good", 0);
	rmdir(f.runtime);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "QEMU's control socket cannot be made");
	check_contains(qemu_state(f.qemu)->reason, "No such file or directory");
	bench_finish(&f);
}

TEST(log_cannot_be_written)
{
	struct bench f;
	bench_init(&f, "good", 0);
	char path[4096];
	snprintf(path, sizeof(path), "%s/" PH_QEMU_LOG, f.runtime);
	mkdir(path, 0700);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "QEMU's log cannot be written");
	check_contains(qemu_state(f.qemu)->reason, "Is a directory");
	bench_finish(&f);
}

TEST(configuration_is_wrong_or_missing)
{
	struct bench f;
	bench_init(&f, "good", 0);
	char path[4096];
	snprintf(path, sizeof(path), "%s/guest.scfg", f.guest);
	test_write_file(path, "memory 2\n", 9);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "guest.scfg:1: memory: '2' is not a size");
	test_write_file(path, "disk gone.qcow2\n", 16);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "guest.scfg:1: disk: ");
	check_contains(
	    qemu_state(f.qemu)->reason, "gone.qcow2: No such file or directory; correct the path");
	test_write_file(path, "\niso .\n", 7);
	bench_start_guest(&f);
	bench_wait_state(&f, PH_GUEST_LOST, "guest.scfg:2: iso: ");
	check_contains(qemu_state(f.qemu)->reason, "is a directory, expected a file");
	unlink(path);
	bench_start_guest(&f);
	bench_wait_state(
	    &f, PH_GUEST_LOST, "guest.scfg: No such file or directory; a guest is a directory");
	bench_finish(&f);
}

TEST(nvram_is_made_once_and_whole)
{
	char template[4096], nvram[4096], error[PH_HOST_ERROR_MAX];
	snprintf(template, sizeof(template), "%s/template", test_dir());
	snprintf(nvram, sizeof(nvram), "%s/nvram.fd", test_dir());
	test_write_file(template, "variables", 9);
	check(host_prepare_nvram(template, nvram, error));
	char *text = test_read_file(nvram, NULL);
	check_str(text, "variables");
	free(text);
	test_write_file(nvram, "changed", 7);
	check(host_prepare_nvram(template, nvram, error));
	text = test_read_file(nvram, NULL);
	check_str(text, "changed");
	free(text);
	unlink(nvram);
	unlink(template);
	check(!host_prepare_nvram(template, nvram, error));
	check_contains(error, "the guest's variables cannot be made");
	check_op(access(nvram, F_OK), <, 0);
	/* a device that is always full: the half copy does not stay */
	test_write_file(template, "variables", 9);
	char temporary[4200];
	snprintf(temporary, sizeof(temporary), "%s.new", nvram);
	check_int(symlink("/dev/full", temporary), 0);
	check(!host_prepare_nvram(template, nvram, error));
	check_contains(error, "No space left on device; free some space");
	check_op(access(nvram, F_OK), <, 0);
}

TEST(kvm_that_only_pretends)
{
	char reason[256];
	check(!host_check_kvm("/nonexistent/kvm", reason, sizeof(reason)));
	check_contains(reason, "/nonexistent/kvm does not exist: switch on virtualization");
	check(!host_check_kvm("/dev/null", reason, sizeof(reason)));
	check_contains(reason, "/dev/null is not a usable KVM: its version is -1, expected 12");
}
