// SPDX-License-Identifier: MIT
#include "host_check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than can be wrong at once. */
#define PROBLEMS_MAX 4

#define SLOW "Until then guests run, but many times slower."

struct findings {
	struct ph_problem list[PROBLEMS_MAX];
	size_t count;
};

__attribute__((format(printf, 1, 2))) static char *format(const char *pattern, ...)
{
	va_list args;
	char *text;

	va_start(args, pattern);
	if (vasprintf(&text, pattern, args) < 0)
		abort();
	va_end(args);
	return text;
}

/* Takes text, advice and command. */
static void add(
    struct findings *findings, const char *id, bool fatal, char *text, char *advice, char *command)
{
	findings->list[findings->count++] = (struct ph_problem){
	    .id = id, .text = text, .advice = advice, .command = command, .fatal = fatal};
}

static const char *firmware_setting(const struct ph_host_facts *facts)
{
	if (facts->maker == PH_MAKER_INTEL)
		return "\"Intel Virtualization Technology\" (VT-x)";
	if (facts->maker == PH_MAKER_AMD)
		return "\"SVM Mode\" (AMD-V)";
	return "hardware virtualization (VT-x or SVM)";
}

static const char *maker_module(const struct ph_host_facts *facts)
{
	return facts->cpu_svm ? "kvm_amd" : "kvm_intel";
}

/* The processor does not offer it: the firmware keeps it back, or the computer is a guest itself.
 */
static void judge_processor(const struct ph_host_facts *facts, struct findings *findings)
{
	if (facts->inside_vm)
		add(findings, "kvm-nested", false,
		    format("This computer is a virtual machine without nested virtualisation."),
		    format("Switch nested virtualisation on for it where it runs. " SLOW), NULL);
	else
		add(findings, "kvm-firmware", false,
		    format("Hardware virtualisation is switched off in the firmware."),
		    format("Restart, enter the firmware setup (often F2 or Del) and switch on %s, "
			   "usually under CPU or Advanced. " SLOW,
			firmware_setting(facts)),
		    NULL);
}

static void judge_modules(const struct ph_host_facts *facts, struct findings *findings)
{
	const char *module = maker_module(facts);

	if (facts->kvm_module && facts->kvm_maker_module)
		add(findings, "kvm-device", false,
		    format("/dev/kvm is missing, although the kernel has %s.", module),
		    format("In a container, hand the device /dev/kvm to it; otherwise restart the "
			   "computer. " SLOW),
		    NULL);
	else
		add(findings, "kvm-module", false,
		    format("The kernel module %s is not loaded.", module),
		    format("Load it. If that is refused, switch on %s in the firmware setup. " SLOW,
			firmware_setting(facts)),
		    format("sudo modprobe %s", module));
}

static void judge_kvm(const struct ph_host_facts *facts, struct findings *findings)
{
	int error = facts->kvm_error;

	if (error == 0)
		return;
	if (error == EACCES || error == EPERM)
		add(findings, "kvm-permission", false,
		    format("This user may not use hardware virtualisation (/dev/kvm)."),
		    format("Join the group kvm, then log in again. " SLOW),
		    format("sudo usermod --append --groups kvm \"$USER\""));
	else if (error != ENOENT && error != ENODEV && error != ENXIO)
		add(findings, "kvm-open", false,
		    format("/dev/kvm cannot be opened: %s.", strerror(error)),
		    format("Look for lines about kvm in the kernel's log. " SLOW),
		    format("sudo dmesg | grep -i kvm"));
	else if (!facts->x86)
		add(findings, "kvm-kernel", false,
		    format(
			"This computer's kernel offers no virtualisation (/dev/kvm is missing)."),
		    format("It has to be a kernel with KVM, started by the firmware in hypervisor "
			   "mode. " SLOW),
		    NULL);
	else if (!facts->cpu_vmx && !facts->cpu_svm)
		judge_processor(facts, findings);
	else
		judge_modules(facts, findings);
}

/* The line that installs QEMU with its D-Bus display, NULL where the packages are not known. */
static char *install_qemu(const struct ph_host_facts *facts)
{
	const char *debian = facts->x86 ? "qemu-system-x86" : "qemu-system-arm";

	switch (facts->family) {
	case PH_FAMILY_DEBIAN:
		return format("sudo apt install %s qemu-system-modules-opengl", debian);
	case PH_FAMILY_FEDORA:
		return format("sudo dnf install qemu-kvm");
	case PH_FAMILY_OTHER:
		break;
	}
	return NULL;
}

static char *install_dbus(const struct ph_host_facts *facts)
{
	switch (facts->family) {
	case PH_FAMILY_DEBIAN:
		return format("sudo apt install qemu-system-modules-opengl");
	case PH_FAMILY_FEDORA:
		return format("sudo dnf install qemu-ui-dbus");
	case PH_FAMILY_OTHER:
		break;
	}
	return NULL;
}

static void judge_qemu(const struct ph_host_facts *facts, struct findings *findings)
{
	const char *program = facts->qemu_program;

	switch (facts->qemu) {
	case PH_QEMU_OK:
		if (!facts->qemu_dbus)
			add(findings, "qemu-dbus", true, format("This QEMU has no D-Bus display."),
			    format("Pictures of guests come through it. Install the package that "
				   "brings it; a QEMU built by hand needs --enable-dbus-display."),
			    install_dbus(facts));
		return;
	case PH_QEMU_MISSING:
		add(findings, "qemu-missing", true,
		    format("QEMU is not installed (no %s).", program),
		    format("It is what runs the guests. Install QEMU with its D-Bus display."),
		    install_qemu(facts));
		return;
	case PH_QEMU_NOT_EXECUTABLE:
		add(findings, "qemu-permission", true, format("This user may not run %s.", program),
		    format("Make the file executable, or install QEMU again."),
		    install_qemu(facts));
		return;
	case PH_QEMU_BROKEN:
		add(findings, "qemu-broken", true, format("%s does not work.", program),
		    format("It should list its displays, but fails. See what it says:"),
		    format("%s -display help", program));
		return;
	case PH_QEMU_SILENT:
		add(findings, "qemu-silent", true, format("%s does not answer.", program),
		    format("It should list its displays at once. See what it does:"),
		    format("%s -display help", program));
		return;
	}
}

size_t host_check_judge(const struct ph_host_facts *facts, struct ph_problem **out)
{
	struct findings findings = {0};

	/* What keeps guests from running at all comes first. */
	judge_qemu(facts, &findings);
	judge_kvm(facts, &findings);
	*out = NULL;
	if (findings.count > 0) {
		*out = calloc(findings.count, sizeof(**out));
		if (!*out)
			abort();
		memcpy(*out, findings.list, findings.count * sizeof(**out));
	}
	return findings.count;
}

void host_check_free(struct ph_problem *problems, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(problems[i].text);
		free(problems[i].advice);
		free(problems[i].command);
	}
	free(problems);
}
