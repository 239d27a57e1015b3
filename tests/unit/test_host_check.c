// SPDX-License-Identifier: MIT
#include "host_check.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "test.h"

/* A computer on which everything is right. */
static struct ph_host_facts good(void)
{
	return (struct ph_host_facts){
	    .x86 = true,
	    .maker = PH_MAKER_INTEL,
	    .cpu_vmx = true,
	    .kvm_module = true,
	    .kvm_maker_module = true,
	    .family = PH_FAMILY_DEBIAN,
	    .qemu_program = "qemu-system-x86_64",
	    .qemu_dbus = true,
	};
}

/* Expects exactly one problem, with these parts of its texts. */
static void check_one(const struct ph_host_facts *facts, const char *id, bool fatal,
    const char *text, const char *advice, const char *command)
{
	struct ph_problem *problems;
	size_t count = host_check_judge(facts, &problems);

	check_uint(count, 1);
	check_str(problems[0].id, id);
	check_int(problems[0].fatal, fatal);
	check_contains(problems[0].text, text);
	check_contains(problems[0].advice, advice);
	if (command)
		check_contains(problems[0].command, command);
	else
		check_str(problems[0].command, NULL);
	host_check_free(problems, count);
}

TEST(good_computer_has_no_problem)
{
	struct ph_host_facts facts = good();
	struct ph_problem *problems;

	check_uint(host_check_judge(&facts, &problems), 0);
	check(problems == NULL);
	host_check_free(problems, 0);
}

TEST(firmware_setting_is_named_by_maker)
{
	struct ph_host_facts facts = good();

	facts.kvm_error = ENOENT;
	facts.cpu_vmx = false;
	facts.kvm_maker_module = false;
	check_one(
	    &facts, "kvm-firmware", false, "firmware", "\"Intel Virtualization Technology\"", NULL);
	facts.maker = PH_MAKER_AMD;
	check_one(&facts, "kvm-firmware", false, "firmware", "\"SVM Mode\"", NULL);
	facts.maker = PH_MAKER_OTHER;
	check_one(&facts, "kvm-firmware", false, "firmware", "VT-x or SVM", NULL);
}

TEST(virtual_machine_needs_nesting)
{
	struct ph_host_facts facts = good();

	facts.kvm_error = ENOENT;
	facts.cpu_vmx = false;
	facts.inside_vm = true;
	check_one(&facts, "kvm-nested", false, "is a virtual machine", "nested", NULL);
}

TEST(missing_module_is_named_by_processor)
{
	static const int errors[] = {ENOENT, ENODEV, ENXIO};
	struct ph_host_facts facts = good();

	facts.kvm_maker_module = false;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		facts.kvm_error = errors[i];
		check_one(&facts, "kvm-module", false, "kvm_intel", "VT-x", "modprobe kvm_intel");
	}
	facts.kvm_module = false;
	facts.cpu_vmx = false;
	facts.cpu_svm = true;
	facts.maker = PH_MAKER_AMD;
	check_one(&facts, "kvm-module", false, "kvm_amd", "SVM Mode", "modprobe kvm_amd");
}

TEST(modules_without_a_device_are_a_container)
{
	struct ph_host_facts facts = good();

	facts.kvm_error = ENOENT;
	check_one(&facts, "kvm-device", false, "/dev/kvm is missing", "container", NULL);
}

TEST(permission_names_the_group)
{
	struct ph_host_facts facts = good();

	facts.kvm_error = EACCES;
	check_one(&facts, "kvm-permission", false, "/dev/kvm", "group kvm", "usermod");
	facts.kvm_error = EPERM;
	check_one(&facts, "kvm-permission", false, "/dev/kvm", "group kvm", "usermod");
}

TEST(other_errors_are_passed_on)
{
	struct ph_host_facts facts = good();

	facts.kvm_error = EIO;
	check_one(&facts, "kvm-open", false, strerror(EIO), "kernel's log", "dmesg");
}

TEST(other_processors_get_no_pc_advice)
{
	struct ph_host_facts facts = good();

	facts.x86 = facts.cpu_vmx = false;
	facts.kvm_error = ENOENT;
	check_one(&facts, "kvm-kernel", false, "/dev/kvm", "hypervisor", NULL);
}

TEST(missing_qemu_names_the_packages)
{
	struct ph_host_facts facts = good();

	facts.qemu = PH_QEMU_MISSING;
	facts.qemu_dbus = false;
	check_one(&facts, "qemu-missing", true, "qemu-system-x86_64", "Install",
	    "apt install qemu-system-x86 qemu-system-modules-opengl");
	facts.family = PH_FAMILY_FEDORA;
	check_one(&facts, "qemu-missing", true, "not installed", "Install", "dnf install qemu-kvm");
	facts.family = PH_FAMILY_OTHER;
	check_one(&facts, "qemu-missing", true, "not installed", "Install", NULL);
}

TEST(missing_dbus_display_names_the_package)
{
	struct ph_host_facts facts = good();

	facts.qemu_dbus = false;
	check_one(&facts, "qemu-dbus", true, "D-Bus", "--enable-dbus-display",
	    "apt install qemu-system-modules-opengl");
	facts.family = PH_FAMILY_FEDORA;
	check_one(&facts, "qemu-dbus", true, "D-Bus", "package", "dnf install qemu-ui-dbus");
}

TEST(broken_qemu_is_told_apart)
{
	struct ph_host_facts facts = good();

	facts.qemu_dbus = false;
	facts.qemu = PH_QEMU_NOT_EXECUTABLE;
	check_one(&facts, "qemu-permission", true, "may not run", "executable", "apt");
	facts.qemu = PH_QEMU_BROKEN;
	check_one(&facts, "qemu-broken", true, "does not work", "fails", "-display help");
	facts.qemu = PH_QEMU_SILENT;
	check_one(&facts, "qemu-silent", true, "does not answer", "at once", "-display help");
}

TEST(what_is_fatal_comes_first)
{
	struct ph_host_facts facts = good();
	struct ph_problem *problems;
	size_t count;

	facts.kvm_error = EACCES;
	facts.qemu = PH_QEMU_MISSING;
	count = host_check_judge(&facts, &problems);
	check_uint(count, 2);
	check(problems[0].fatal);
	check(!problems[1].fatal);
	host_check_free(problems, count);
}

/* Waits for QEMU's answer as the session does, at most wait_ms. */
static void finish(struct ph_host_check *check, int wait_ms)
{
	struct pollfd poll_fd = {.fd = check->pidfd, .events = POLLIN};

	check(check->pidfd >= 0);
	poll(&poll_fd, 1, wait_ms);
	host_check_end(check);
	check_int(check->pid, 0);
	check_int(check->pidfd, -1);
	host_check_end(check);
}

/* Gathers with a script in QEMU's place. */
static struct ph_host_facts gather_within(const char *script, mode_t mode, int wait_ms)
{
	static char path[4096];
	struct ph_host_check check;

	check_op(snprintf(path, sizeof(path), "%s/qemu", test_dir()), <, (int)sizeof(path));
	test_write_file(path, script, strlen(script));
	check_int(chmod(path, mode), 0);
	if (!host_check_begin(&check, path)) {
		/* Nothing is wrong with it until it has answered. */
		check_int(check.facts.qemu, PH_QEMU_OK);
		check(check.facts.qemu_dbus);
		finish(&check, wait_ms);
	}
	check_str(check.facts.qemu_program, path);
	return check.facts;
}

static struct ph_host_facts gather(const char *script, mode_t mode)
{
	return gather_within(script, mode, PH_HOST_CHECK_WAIT_MS);
}

TEST(qemu_is_asked_for_its_displays)
{
	struct ph_host_facts facts = gather(
	    "#!/bin/sh\n[ \"$*\" = '-display help' ] && printf 'none\\ngtk\\ndbus\\n'\n", 0700);

	check_int(facts.qemu, PH_QEMU_OK);
	check(facts.qemu_dbus);
	facts = gather("#!/bin/sh\nprintf 'none\\ngtk\\nno-dbus-here\\n'\n", 0700);
	check_int(facts.qemu, PH_QEMU_OK);
	check(!facts.qemu_dbus);
}

TEST_TIMEOUT(qemu_that_fails_is_told_apart, 40)
{
	struct ph_host_check check;

	check_int(gather("#!/bin/sh\nexit 1\n", 0700).qemu, PH_QEMU_BROKEN);
	check_int(gather("#!/bin/sh\nkill -SEGV $$\n", 0700).qemu, PH_QEMU_BROKEN);
	check_int(gather("#!/bin/sh\n", 0700).qemu, PH_QEMU_BROKEN);
	check_int(gather("#!/bin/sh\n", 0600).qemu, PH_QEMU_NOT_EXECUTABLE);
	check_int(gather("#!/bin/sh\nyes dbus | head -c 10000000\n", 0700).qemu, PH_QEMU_OK);
	check(host_check_begin(&check, "/nonexistent/qemu"));
	check_int(check.facts.qemu, PH_QEMU_MISSING);
	check_int(check.pidfd, -1);
	check_int(gather_within("#!/bin/sh\nsleep 100\n", 0700, 300).qemu, PH_QEMU_SILENT);
}

/* A process's CPU time aside, asking must not take a moment of the start. */
TEST(asking_does_not_wait)
{
	struct timespec before, after;
	struct ph_host_check check;
	static char path[4096];
	const char *script = "#!/bin/sh\nsleep 100\n";
	double seconds;

	check_op(snprintf(path, sizeof(path), "%s/qemu", test_dir()), <, (int)sizeof(path));
	test_write_file(path, script, strlen(script));
	check_int(chmod(path, 0700), 0);
	clock_gettime(CLOCK_MONOTONIC, &before);
	check(!host_check_begin(&check, path));
	host_check_end(&check);
	clock_gettime(CLOCK_MONOTONIC, &after);
	check_int(check.facts.qemu, PH_QEMU_SILENT);
	seconds = (double)(after.tv_sec - before.tv_sec) +
		  (double)(after.tv_nsec - before.tv_nsec) / 1e9;
	check(seconds < 2);
}
