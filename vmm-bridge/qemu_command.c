// SPDX-License-Identifier: MIT
#include "qemu_command.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define AGENT_PORT "org.qemu.guest_agent.0"
#define GPU_ADDRESS "0x1d" /* on the PCI bus; the agent's bus is at 0x1e, the chipset at 0x1f */

/* What is decided once and used by several parts of the command line. */
struct plan {
	const struct ph_guest_config *config;
	const struct ph_host_facts *host;
	struct ph_qemu_command *command;
	const char *gpu; /* device name */
	bool blob;       /* guest memory itself is the picture */
	const char *render_node;
	char *error;
};

static bool fail(struct plan *plan, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct plan *plan, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct plan *plan, const char *reason, const char *flag, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static bool fail(struct plan *plan, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(plan->error, PH_COMMAND_ERROR_MAX, fmt, args);
	va_end(args);
	return false;
}

static void note(struct plan *plan, const char *fmt, ...)
{
	char text[512];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	struct ph_qemu_command *command = plan->command;
	command->notes =
	    alloc_array(command->notes, command->note_count + 1, sizeof(*command->notes));
	command->notes[command->note_count++] = alloc_string(text);
}

/* Options that QEMU takes once: the guest's own args replace ours. */
static bool is_replaced(const struct ph_guest_config *config, const char *flag)
{
	static const char *const single[] = {
	    "-accel", "-cpu", "-m", "-smp", "-rtc", "-sandbox", "-name", NULL};
	bool known = false;
	for (size_t i = 0; single[i]; i++) {
		known = known || strcmp(single[i], flag) == 0;
	}
	for (size_t i = 0; known && i < config->arg_count; i++) {
		const char *arg = config->args[i];
		arg += arg[0] == '-' && arg[1] == '-'; /* QEMU takes --m as well */
		if (strcmp(arg, flag) == 0) {
			return true;
		}
	}
	return false;
}

static void append(struct plan *plan, const char *flag, char *value, const char *reason)
{
	struct ph_qemu_command *command = plan->command;
	command->options =
	    alloc_array(command->options, command->option_count + 1, sizeof(*command->options));
	command->options[command->option_count++] =
	    (struct ph_qemu_option){.flag = alloc_string(flag), .value = value, .reason = reason};
}

/* fmt NULL: the flag stands alone. */
static void add(struct plan *plan, const char *reason, const char *flag, const char *fmt, ...)
{
	if (is_replaced(plan->config, flag)) {
		return;
	}
	char *value = NULL;
	if (fmt) {
		va_list args;
		va_start(args, fmt);
		int n = vasprintf(&value, fmt, args);
		va_end(args);
		if (n < 0) {
			abort();
		}
	}
	append(plan, flag, value, reason);
}

/* In QEMU's option lists a comma ends a value unless it is doubled. To be freed. */
static char *double_commas(const char *text)
{
	char *out = alloc_zero(2 * strlen(text) + 1), *to = out;
	for (const char *from = text; *from; from++) {
		*to++ = *from;
		if (*from == ',') {
			*to++ = ',';
		}
	}
	return out;
}

static bool has_pci(const struct plan *plan)
{
	return plan->config->machine != PH_MACHINE_MICROVM;
}

/* The bus part of a virtio device's name. */
static const char *virtio_suffix(const struct plan *plan)
{
	return has_pci(plan) ? "pci" : "device";
}

static bool plan_accel(struct plan *plan)
{
	const struct ph_host_facts *host = plan->host;
	enum ph_accel wish = plan->config->accel;
	bool usable = host->kvm && !host->avoid_kvm;
	const char *why = host->avoid_kvm ? "this guest failed with it" : host->kvm_reason;
	if (wish == PH_ACCEL_KVM && !usable) {
		return fail(plan,
		    "accel kvm: KVM cannot be used: %s; use accel auto to run slowly "
		    "without it",
		    why);
	}
	plan->command->kvm = usable && wish != PH_ACCEL_TCG && !is_replaced(plan->config, "-accel");
	plan->command->kvm_wished = wish == PH_ACCEL_AUTO;
	if (wish == PH_ACCEL_AUTO && !usable) {
		note(plan, "runs without KVM, many times slower: %s", why);
	}
	return true;
}

/*
 * Which GPU, and whether pictures come as dma-bufs (gl) or as shared memory.
 * A virtio-gpu with blob but without gl sends a wrong file descriptor (QEMU
 * 11.1), and the *-gl devices refuse to start without gl, so these go together.
 */
static bool plan_display(struct plan *plan)
{
	const struct ph_guest_config *config = plan->config;
	const struct ph_host_facts *host = plan->host;
	enum ph_choice wish = config->display.gl;
	enum ph_display_device device = config->display.device;
	plan->render_node =
	    config->display.render_node.path ? config->display.render_node.path : host->render_node;
	bool can = host->compositor_dmabuf && plan->render_node;
	const char *why = host->compositor_dmabuf
			      ? "no render node (/dev/dri/renderD*) can be opened"
			      : "the session cannot show dma-bufs";
	if (wish == PH_ON && !can) {
		return fail(plan, "display gl on: %s; use gl auto or off", why);
	}
	if (!can && wish == PH_AUTO && device <= PH_DISPLAY_VIRTIO_GL) {
		note(plan, "the display works without the GPU: %s", why);
	}
	bool want = can && wish != PH_OFF;
	bool gl = false;
	switch (device) {
	case PH_DISPLAY_AUTO:
	case PH_DISPLAY_VIRTIO_GL:
		gl = want;
		plan->gpu = gl ? (has_pci(plan) ? "virtio-vga-gl" : "virtio-gpu-gl-device")
			       : (has_pci(plan) ? "virtio-vga" : "virtio-gpu-device");
		break;
	case PH_DISPLAY_VIRTIO:
		plan->blob = want && host->udmabuf;
		gl = plan->blob || wish == PH_ON;
		plan->gpu = has_pci(plan) ? "virtio-vga" : "virtio-gpu-device";
		if (want && !host->udmabuf) {
			note(plan,
			    "the display's pictures are copied: /dev/udmabuf cannot be opened");
		}
		break;
	case PH_DISPLAY_VGA:
		gl = wish == PH_ON;
		plan->gpu = "VGA,vgamem_mb=64";
		break;
	case PH_DISPLAY_CIRRUS:
		gl = wish == PH_ON;
		plan->gpu = "cirrus-vga";
		break;
	case PH_DISPLAY_VMWARE:
		gl = wish == PH_ON;
		plan->gpu = "vmware-svga,vgamem_mb=64";
		break;
	}
	plan->command->gl = gl;
	return true;
}

static void add_basics(struct plan *plan)
{
	static const char *const machines[] = {
	    [PH_MACHINE_Q35] = "q35,vmport=off",
	    [PH_MACHINE_PC] = "pc,vmport=off",
	    [PH_MACHINE_MICROVM] = "microvm",
	};
	const struct ph_guest_config *config = plan->config;
	char *name = double_commas(config->name);
	uint64_t mib = config->memory >> 20;
	bool kvm = plan->command->kvm;
	add(plan, "shown in process lists", "-name", "guest=%s,debug-threads=on", name);
	add(plan, "nothing from the host's QEMU configuration", "-no-user-config", NULL);
	add(plan, "no device that is not listed here", "-nodefaults", NULL);
	add(plan, "QEMU itself may start no program and gain no rights", "-sandbox",
	    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	add(plan, "lines of the log can be placed in time", "-msg", "timestamp=on");
	add(plan,
	    config->machine == PH_MACHINE_MICROVM
		? "the guest's machine"
		: "the guest's machine; without VMware's port, whose mouse would override ours",
	    "-machine", "%s%s", machines[config->machine], plan->blob ? ",memory-backend=ram" : "");
	add(plan, kvm ? "KVM works here" : "no KVM: every CPU is emulated, in threads", "-accel",
	    "%s", kvm ? "kvm" : "tcg,thread=multi");
	/* TCG runs REP MOVSB and STOSB byte by byte, 20 times slower than what guests do without them. */
	add(plan,
	    kvm ? "all that the host's CPU can do"
		: "all that the emulated CPU can do, without copies byte by byte",
	    "-cpu", "%s", kvm ? "host" : "max,-erms,-fsrm,-fsrs");
	add(plan, "cpus", "-smp", "%" PRIu32, config->cpus);
	add(plan, "memory", "-m", "size=%" PRIu64 "M", mib);
	if (plan->blob) {
		add(plan, "pictures are handed out of guest memory, which must be a memfd for that",
		    "-object", "memory-backend-memfd,id=ram,size=%" PRIu64 "M,share=on", mib);
	}
	add(plan, "the guest's clock is in UTC and follows the host's", "-rtc", "base=utc");
	add(plan, "the bridge's socket; others can take over when it is gone", "-chardev",
	    "socket,id=qmp,fd=%d,server=on,wait=off", plan->host->qmp_fd);
	add(plan, "machine control", "-qmp", "chardev:qmp");
	free(name);
}

static bool add_firmware(struct plan *plan)
{
	const struct ph_firmware *efi = &plan->host->efi;
	if (plan->config->firmware != PH_FIRMWARE_EFI) {
		return true;
	}
	if (!efi->code) {
		return fail(plan, "firmware efi: no UEFI firmware found; install the package ovmf "
				  "(Debian) or edk2-ovmf (Fedora)");
	}
	char *code = double_commas(efi->code), *vars = double_commas(plan->host->nvram);
	add(plan, "UEFI code, shared by all guests", "-drive",
	    "if=pflash,unit=0,format=%s,readonly=on,file.driver=file,file.filename=%s",
	    efi->code_format, code);
	add(plan, "the guest's own UEFI variables", "-drive",
	    "if=pflash,unit=1,format=%s,file.driver=file,file.filename=%s", efi->vars_format, vars);
	free(code);
	free(vars);
	return true;
}

static void add_disk(struct plan *plan, size_t n, unsigned *sata, unsigned *ide)
{
	static const char *const formats[] = {[PH_DISK_QCOW2] = "qcow2", [PH_DISK_RAW] = "raw"};
	const struct ph_disk *disk = &plan->config->disks[n];
	size_t boot = n + 1; /* with -kernel QEMU takes index 0 itself */
	char *path = double_commas(disk->file.path);
	/*
	 * No file.driver: it may be a block device, which needs another one. The path is
	 * absolute, so that QEMU takes none for a protocol ("nbd:...").
	 */
	add(plan, "disk", "-drive",
	    "if=none,id=disk%zu,format=%s,discard=unmap%s%s,file.filename=%s", n,
	    formats[disk->format], disk->read_only ? ",readonly=on" : "",
	    disk->snapshot ? ",snapshot=on" : "", path);
	free(path);
	switch (disk->bus) {
	case PH_BUS_VIRTIO:
		add(plan, "disk on virtio, booted from in the order of the file", "-device",
		    "virtio-blk-%s,drive=disk%zu,bootindex=%zu", virtio_suffix(plan), n, boot);
		break;
	case PH_BUS_SCSI:
		add(plan, "disk on SCSI", "-device",
		    "scsi-hd,bus=scsi.0,drive=disk%zu,bootindex=%zu", n, boot);
		break;
	case PH_BUS_SATA:
		add(plan, "disk on SATA", "-device", "ide-hd,bus=%s.%u,drive=disk%zu,bootindex=%zu",
		    plan->config->machine == PH_MACHINE_Q35 ? "ide" : "ahci", (*sata)++, n, boot);
		break;
	case PH_BUS_IDE:
		add(plan, "disk on IDE", "-device",
		    "ide-hd,bus=ide.%u,unit=%u,drive=disk%zu,bootindex=%zu", *ide / 2, *ide % 2, n,
		    boot);
		(*ide)++;
		break;
	}
}

static void add_storage(struct plan *plan)
{
	const struct ph_guest_config *config = plan->config;
	bool q35 = config->machine == PH_MACHINE_Q35;
	unsigned sata = 0, ide = 0;
	bool need_scsi = false, need_ahci = false;
	for (size_t i = 0; i < config->disk_count; i++) {
		need_scsi = need_scsi || config->disks[i].bus == PH_BUS_SCSI;
		need_ahci = need_ahci || (config->disks[i].bus == PH_BUS_SATA && !q35);
	}
	if (need_scsi) {
		add(plan, "controller of the SCSI disks", "-device", "virtio-scsi-pci,id=scsi");
	}
	if (need_ahci) {
		add(plan, "machine pc has no SATA of its own", "-device", "ich9-ahci,id=ahci");
	}
	for (size_t i = 0; i < config->disk_count; i++) {
		add_disk(plan, i, &sata, &ide);
	}
	for (size_t i = 0; i < config->iso_count; i++) {
		char *path = double_commas(config->isos[i].path);
		add(plan, "CD", "-drive",
		    "if=none,id=cd%zu,media=cdrom,format=raw,readonly=on,"
		    "file.filename=%s",
		    i, path);
		free(path);
		unsigned bus = q35 ? sata++ : ide / 2, unit = q35 ? 0 : ide++ % 2;
		add(plan, "CD drive; booted from when no disk before it can be", "-device",
		    "ide-cd,bus=ide.%u,unit=%u,drive=cd%zu,bootindex=%zu", bus, unit, i,
		    config->disk_count + i + 1);
	}
	if (config->kernel.path) {
		add(plan, "a kernel from the host is started instead of a boot loader", "-kernel",
		    "%s", config->kernel.path);
		if (config->initrd.path) {
			add(plan, "its first file system", "-initrd", "%s", config->initrd.path);
		}
		if (config->cmdline) {
			add(plan, "its command line", "-append", "%s", config->cmdline);
		}
	}
}

void monitor_names_set(struct ph_monitor_names *names, uint32_t console, const char *name)
{
	if (console >= PH_HEADS_MAX) {
		return;
	}
	char *to = names->heads[console];
	size_t length = 0;
	for (; *name && length < PH_MONITOR_NAME_MAX; name++) {
		/* a monitor says what it likes */
		if (*name >= ' ' && *name <= '~' && *name != '"' && *name != '\\') {
			to[length++] = *name;
		}
	}
	to[length] = '\0';
}

static bool is_virtio_gpu(const struct plan *plan)
{
	return strncmp(plan->gpu, "virtio-", strlen("virtio-")) == 0;
}

/*
 * The GPU with names for its monitors: a list, which only the JSON form of the option
 * can carry. NULL if no name is known, or it is not virtio's, which alone has them. To be freed.
 */
static char *name_monitors(const struct plan *plan)
{
	const struct ph_monitor_names *names = &plan->host->monitors;
	uint32_t heads = plan->config->display.heads, count = is_virtio_gpu(plan) ? heads : 0;
	while (count > 0 && !names->heads[count - 1][0]) {
		count--;
	}
	if (count == 0) {
		return NULL;
	}
	char *text = alloc_format("{\"driver\":\"%s\",\"id\":\"gpu\",\"max_outputs\":%" PRIu32 "%s%s,\"outputs\":[",
	    plan->gpu, heads, has_pci(plan) ? ",\"addr\":\"" GPU_ADDRESS "\"" : "",
	    plan->blob ? ",\"blob\":true" : "");
	for (uint32_t i = 0; i < count; i++) {
		/* QEMU's own name for one between that is not known */
		char *more = alloc_format("%s%s{\"name\":\"%s\"}%s", text, i > 0 ? "," : "",
		    names->heads[i][0] ? names->heads[i] : "QEMU Monitor", i + 1 == count ? "]}" : "");
		free(text);
		text = more;
	}
	return text;
}

/*
 * Its monitors are called as the real ones, so that the guest can know them again. It has an address
 * of its own: QEMU makes devices that are said in JSON after all others, and whether a monitor has a
 * name must not move the network card.
 */
static void add_gpu(struct plan *plan)
{
	uint32_t heads = plan->config->display.heads;
	char outputs[64] = "", *named = name_monitors(plan);
	const char *reason = plan->blob ? "GPU that shows guest memory without a copy"
					: "GPU; its VGA part shows the firmware's text";
	if (is_virtio_gpu(plan) && has_pci(plan)) {
		snprintf(outputs, sizeof(outputs), ",addr=" GPU_ADDRESS);
	}
	if (heads > 1) {
		size_t at = strlen(outputs);
		snprintf(outputs + at, sizeof(outputs) - at, ",max_outputs=%" PRIu32, heads);
	}
	if (named) {
		add(plan, reason, "-device", "%s", named);
	} else {
		add(plan, reason, "-device", "%s,id=gpu%s%s", plan->gpu, outputs, plan->blob ? ",blob=on" : "");
	}
	free(named);
}

static void add_display(struct plan *plan)
{
	char *node = double_commas(plan->render_node ? plan->render_node : "");
	add(plan,
	    plan->command->gl ? "pictures go to the bridge as dma-bufs"
			      : "pictures go to the bridge as shared memory",
	    "-display", "dbus,p2p=on,gl=%s%s%s", plan->command->gl ? "on" : "off",
	    plan->command->gl ? ",rendernode=" : "", plan->command->gl ? node : "");
	free(node);
	add_gpu(plan);
}

/* A pointer for one of several monitors. Always in JSON, as the GPU may be: else it would be made before that. */
static void add_bound(struct plan *plan, const char *reason, const char *driver, const char *bus, uint32_t head)
{
	add(plan, reason, "-device", "{\"driver\":\"%s\"%s,\"display\":\"gpu\",\"head\":%" PRIu32 "}", driver, bus,
	    head);
}

/*
 * A PC has PS/2 keyboard and mouse: they work from the firmware on, in every
 * system. What is added takes over from them when (and if) a guest's driver
 * starts it, and hands back when it stops.
 */
static void add_input(struct plan *plan)
{
	const struct ph_guest_config *config = plan->config;
	const char *suffix = virtio_suffix(plan);
	add(plan,
	    has_pci(plan) ? "every key of a keyboard, for guests with the driver; PS/2 for others"
			  : "keyboard",
	    "-device", "virtio-keyboard-%s", suffix);
	if (config->pointer == PH_POINTER_DEVICE_RELATIVE) {
		if (!has_pci(plan)) {
			add(plan, "mouse", "-device", "virtio-mouse-%s", suffix);
		}
		return;
	}
	if (config->machine == PH_MACHINE_Q35) {
		add(plan, "USB", "-device", "qemu-xhci,id=usb");
	} else if (config->machine == PH_MACHINE_PC) {
		add(plan, "USB as the guests of this machine know it", "-device",
		    "piix3-usb-uhci,id=usb");
	}
	const char *exact = "pointer that is where the host's is; every system has the driver";
	char *tablet = alloc_format("virtio-tablet-%s", suffix), *touch = alloc_format("virtio-multitouch-%s", suffix);
	for (uint32_t head = 0; head < config->display.heads; head++) {
		bool bound = config->display.heads > 1;
		if (bound) {
			add_bound(plan, exact, has_pci(plan) ? "usb-tablet" : tablet,
			    has_pci(plan) ? ",\"bus\":\"usb.0\"" : "", head);
		} else if (has_pci(plan)) {
			add(plan, exact, "-device", "usb-tablet,bus=usb.0");
		} else {
			add(plan, "pointer that is where the host's is", "-device", "%s", tablet);
		}
		if (config->pointer == PH_POINTER_DEVICE_TOUCH && bound) {
			add_bound(plan, "touch screen", touch, "", head);
		} else if (config->pointer == PH_POINTER_DEVICE_TOUCH) {
			add(plan, "touch screen", "-device", "%s", touch);
		}
	}
	free(tablet);
	free(touch);
}

/* Two ports of that name are refused by QEMU: an expert may have made one. */
static bool has_own_agent(const struct ph_guest_config *config)
{
	for (size_t i = 0; i < config->arg_count; i++) {
		if (strstr(config->args[i], "name=" AGENT_PORT)) {
			return true;
		}
	}
	return false;
}

/*
 * At an address of its own: a system names its network card by the address, and
 * must not find that of an expert's device moved because there is an agent.
 */
static void add_agent(struct plan *plan)
{
	plan->command->agent = plan->config->agent == PH_ON && !has_own_agent(plan->config);
	if (!plan->command->agent) {
		return;
	}
	add(plan, "what the bridge says to the agent in the guest", "-chardev",
	    "socket,id=agent,fd=%d,server=on,wait=off", plan->host->agent_fd);
	add(plan, "a bus of ports, for the agent", "-device", "virtio-serial-%s,id=ports%s",
	    virtio_suffix(plan), has_pci(plan) ? ",addr=0x1e" : "");
	add(plan,
	    "the agent's port, by the name that it looks for; it sets the clock after a pause",
	    "-device", "virtserialport,bus=ports.0,chardev=agent,name=" AGENT_PORT);
}

static void add_rest(struct plan *plan)
{
	static const char *const cards[] = {
	    [PH_NETWORK_VIRTIO] = NULL,
	    [PH_NETWORK_E1000E] = "e1000e",
	    [PH_NETWORK_E1000] = "e1000",
	    [PH_NETWORK_RTL8139] = "rtl8139",
	};
	const struct ph_guest_config *config = plan->config;
	add(plan, "randomness at boot", "-device", "virtio-rng-%s", virtio_suffix(plan));
	if (config->network == PH_NETWORK_USER) {
		add(plan, "the host's network behind an address translation, nothing can call in",
		    "-netdev", "user,id=net");
		const char *card = has_pci(plan) ? cards[config->network_device] : NULL;
		if (card) {
			add(plan, "network card", "-device", "%s,netdev=net", card);
		} else {
			add(plan, "network card", "-device", "virtio-net-%s,netdev=net",
			    virtio_suffix(plan));
		}
	}
	add_agent(plan);
	for (size_t i = 0; i < config->arg_count; i++) {
		append(plan, config->args[i], NULL, "from the block qemu of guest.scfg");
	}
}

bool qemu_command_build(struct ph_qemu_command *command, const struct ph_guest_config *config,
    const struct ph_host_facts *host, char error[PH_COMMAND_ERROR_MAX])
{
	*command = (struct ph_qemu_command){.program = alloc_string(host->program)};
	struct plan plan = {.config = config, .host = host, .command = command, .error = error};
	error[0] = '\0';
	bool ok = plan_accel(&plan) && plan_display(&plan);
	if (ok) {
		add_basics(&plan);
		ok = add_firmware(&plan);
	}
	if (ok) {
		add_storage(&plan);
		add_display(&plan);
		add_input(&plan);
		add_rest(&plan);
	} else {
		qemu_command_finish(command);
	}
	return ok;
}

char **qemu_command_argv(const struct ph_qemu_command *command)
{
	char **argv = alloc_array(NULL, 2 * command->option_count + 2, sizeof(*argv));
	size_t n = 0;
	argv[n++] = command->program;
	for (size_t i = 0; i < command->option_count; i++) {
		argv[n++] = command->options[i].flag;
		if (command->options[i].value) {
			argv[n++] = command->options[i].value;
		}
	}
	argv[n] = NULL;
	return argv;
}

void qemu_command_finish(struct ph_qemu_command *command)
{
	for (size_t i = 0; i < command->option_count; i++) {
		free(command->options[i].flag);
		free(command->options[i].value);
	}
	for (size_t i = 0; i < command->note_count; i++) {
		free(command->notes[i]);
	}
	free(command->program);
	free(command->options);
	free(command->notes);
	*command = (struct ph_qemu_command){0};
}
