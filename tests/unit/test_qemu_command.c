// SPDX-License-Identifier: MIT
#include "qemu_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

/* A host where all works; tests take away. */
static struct ph_host_facts full_host(void)
{
	return (struct ph_host_facts){
	    .program = "/usr/bin/qemu-system-x86_64",
	    .kvm = true,
	    .render_node = "/dev/dri/renderD128",
	    .udmabuf = true,
	    .efi = {.code = (char *)"/fw/CODE.fd",
		.code_format = (char *)"raw",
		.vars = (char *)"/fw/VARS.fd",
		.vars_format = (char *)"raw"},
	    .nvram = "/guests/box/nvram.fd",
	    .compositor_dmabuf = true,
	    .qmp_fd = 7,
	    .agent_fd = 8,
	};
}

static struct ph_guest_config parse(const char *text)
{
	struct ph_guest_config config;
	char error[PH_CONFIG_ERROR_MAX];
	if (!guest_config_parse(
		&config, "guest.scfg", "/guests/box", "box", text, strlen(text), error)) {
		test_fail(__FILE__, __LINE__, "%s", error);
	}
	return config;
}

/* The command line as one string, words parted by newlines. To be freed. */
static char *join(const struct ph_qemu_command *command)
{
	char **argv = qemu_command_argv(command);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	fputc('\n', out);
	for (size_t i = 0; argv[i]; i++) {
		fprintf(out, "%s\n", argv[i]);
	}
	fclose(out);
	free(argv);
	return text;
}

/* What a configuration turns into on a host. Both to be freed. */
static char *build(const char *text, const struct ph_host_facts *host, char **notes)
{
	struct ph_guest_config config = parse(text);
	struct ph_qemu_command command;
	char error[PH_COMMAND_ERROR_MAX];
	if (!qemu_command_build(&command, &config, host, error)) {
		test_fail(__FILE__, __LINE__, "%s\n%s", text, error);
	}
	check_str(error, "");
	for (size_t i = 0; i < command.option_count; i++) {
		check(command.options[i].reason && command.options[i].reason[0]);
	}
	size_t size;
	FILE *out = open_memstream(notes, &size);
	for (size_t i = 0; i < command.note_count; i++) {
		fprintf(out, "%s\n", command.notes[i]);
	}
	fclose(out);
	char *line = join(&command);
	qemu_command_finish(&command);
	qemu_command_finish(&command);
	guest_config_finish(&config);
	return line;
}

/* Each of parts occurs as whole words; those that begin with '!' do not. */
static void expect(const char *file_text, const struct ph_host_facts *host,
    const char *const *parts, size_t count, const char *note)
{
	char *notes = NULL, *line = build(file_text, host, &notes);
	for (size_t i = 0; i < count; i++) {
		bool absent = parts[i][0] == '!';
		char want[512];
		snprintf(want, sizeof(want), "\n%s\n", parts[i] + absent);
		if ((strstr(line, want) == NULL) != absent) {
			test_fail(__FILE__, __LINE__, "%s\n'%s' %s in:%s", file_text,
			    parts[i] + absent, absent ? "is" : "is not", line);
		}
	}
	if (note) {
		check_contains(notes, note);
	} else {
		check_str(notes, "");
	}
	free(notes);
	free(line);
}

#define EXPECT(text, host, note, ...)                                                              \
	expect(text, host, (const char *const[]){__VA_ARGS__},                                     \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), note)

TEST(a_plain_guest_on_a_full_host)
{
	struct ph_host_facts host = full_host();
	char *notes, *line = build("", &host, &notes);
	check_str(notes, "");
	check_str(line, "\n/usr/bin/qemu-system-x86_64\n"
			"-name\nguest=box,debug-threads=on\n"
			"-no-user-config\n-nodefaults\n"
			"-sandbox\non,obsolete=deny,elevateprivileges=deny,spawn=deny,"
			"resourcecontrol=deny\n"
			"-msg\ntimestamp=on\n"
			"-machine\nq35,vmport=off\n"
			"-accel\nkvm\n-cpu\nhost\n-smp\n2\n-m\nsize=2048M\n-rtc\nbase=utc\n"
			"-chardev\nsocket,id=qmp,fd=7,server=on,wait=off\n-qmp\nchardev:qmp\n"
			"-display\ndbus,p2p=on,gl=on,rendernode=/dev/dri/renderD128\n"
			"-device\nvirtio-vga-gl,id=gpu,addr=0x1d\n"
			"-device\nvirtio-keyboard-pci\n"
			"-device\nqemu-xhci,id=usb\n"
			"-device\nusb-tablet,bus=usb.0\n"
			"-device\nvirtio-rng-pci\n"
			"-netdev\nuser,id=net\n-device\nvirtio-net-pci,netdev=net\n"
			"-chardev\nsocket,id=agent,fd=8,server=on,wait=off\n"
			"-device\nvirtio-serial-pci,id=ports,addr=0x1e\n"
			"-device\nvirtserialport,bus=ports.0,chardev=agent,"
			"name=org.qemu.guest_agent.0\n");
	free(line);
	free(notes);
}

TEST(monitors_are_called_as_the_real_ones)
{
	struct ph_host_facts host = full_host();
	char *notes, *line;

	monitor_names_set(&host.monitors, 0, "DELL \"U\x01\\2720Q, too long");
	monitor_names_set(&host.monitors, 2, "Third");
	monitor_names_set(&host.monitors, PH_HEADS_MAX, "nowhere");
	line = build("", &host, &notes);
	check_contains(line, "-device\n{\"driver\":\"virtio-vga-gl\",\"id\":\"gpu\",\"max_outputs\":1,\"addr\":\"0x1d\","
			     "\"outputs\":[{\"name\":\"DELL U2720Q,\"}]}\n");
	free(line);
	free(notes);
	line = build("display {\n	heads 4\n}\n", &host, &notes);
	check_contains(line, "\"max_outputs\":4,\"addr\":\"0x1d\",\"outputs\":[{\"name\":\"DELL U2720Q,\"},{\"name\":\"QEMU Monitor\"},"
			     "{\"name\":\"Third\"}]}\n");
	free(line);
	free(notes);
	monitor_names_set(&host.monitors, 0, "");
	line = build("", &host, &notes);
	check_contains(line, "-device\nvirtio-vga-gl,id=gpu,addr=0x1d\n");
	free(line);
	free(notes);
}

TEST(only_virtios_gpu_has_monitors_with_names)
{
	static const char *const devices[][2] = {
	    {"display {\n	device vga\n}\n", "-device\nVGA,vgamem_mb=64,id=gpu\n"},
	    {"display {\n	device cirrus\n}\n", "-device\ncirrus-vga,id=gpu\n"},
	    {"display {\n	device vmware\n}\n", "-device\nvmware-svga,vgamem_mb=64,id=gpu\n"},
	};
	struct ph_host_facts host = full_host();
	char *notes, *line;

	monitor_names_set(&host.monitors, 0, "DELL U2720Q");
	for (size_t i = 0; i < 3; i++) {
		line = build(devices[i][0], &host, &notes);
		check_contains(line, devices[i][1]);
		free(line);
		free(notes);
	}
}

TEST(pointers_of_several_monitors_are_made_after_the_gpu)
{
	struct ph_host_facts host = full_host();
	char *notes, *line;

	for (int named = 0; named < 2; named++) {
		line = build("pointer touch\ndisplay {\n	heads 2\n}\n", &host, &notes);
		check_contains(line, "-device\n{\"driver\":\"usb-tablet\",\"bus\":\"usb.0\",\"display\":\"gpu\",\"head\":1}\n"
				     "-device\n{\"driver\":\"virtio-multitouch-pci\",\"display\":\"gpu\",\"head\":1}\n");
		free(line);
		free(notes);
		monitor_names_set(&host.monitors, 0, "DELL U2720Q");
	}
}

TEST(a_plain_guest_on_a_bare_host)
{
	struct ph_host_facts host = full_host();
	host.kvm = false;
	host.kvm_reason = "switched off in the firmware";
	host.render_node = NULL;
	EXPECT("", &host,
	    "runs without KVM, many times slower: switched off in the firmware\n"
	    "the display works without the GPU: no render node",
	    "tcg,thread=multi", "max,-erms,-fsrm,-fsrs", "dbus,p2p=on,gl=off", "virtio-vga,id=gpu,addr=0x1d", "!kvm", "!host");
}

TEST(how_the_display_is_chosen)
{
	static const struct {
		const char *device, *gl;
		bool dmabuf, node, udmabuf;
		const char *gpu, *display, *note; /* gpu NULL: refused with note */
	} table[] = {
#define ON "dbus,p2p=on,gl=on,rendernode=/dev/dri/renderD128"
#define OFF "dbus,p2p=on,gl=off"
	    {"auto", "auto", true, true, true, "virtio-vga-gl,id=gpu,addr=0x1d", ON, NULL},
	    {"auto", "on", true, true, true, "virtio-vga-gl,id=gpu,addr=0x1d", ON, NULL},
	    {"auto", "off", true, true, true, "virtio-vga,id=gpu,addr=0x1d", OFF, NULL},
	    {"auto", "auto", false, true, true, "virtio-vga,id=gpu,addr=0x1d", OFF,
		"the session cannot show dma-bufs"},
	    {"auto", "auto", true, false, true, "virtio-vga,id=gpu,addr=0x1d", OFF, "no render node"},
	    {"auto", "on", false, true, true, NULL, NULL,
		"display gl on: the session cannot show dma-bufs; use gl auto or off"},
	    {"auto", "on", true, false, true, NULL, NULL, "display gl on: no render node"},
	    {"virtio-gl", "auto", true, true, false, "virtio-vga-gl,id=gpu,addr=0x1d", ON, NULL},
	    {"virtio-gl", "auto", true, false, true, "virtio-vga,id=gpu,addr=0x1d", OFF, "no render node"},
	    {"virtio-gl", "on", true, false, true, NULL, NULL, "display gl on: no render node"},
	    {"virtio", "auto", true, true, true, "virtio-vga,id=gpu,addr=0x1d,blob=on", ON, NULL},
	    {"virtio", "auto", true, true, false, "virtio-vga,id=gpu,addr=0x1d", OFF,
		"/dev/udmabuf cannot be opened"},
	    {"virtio", "on", true, true, false, "virtio-vga,id=gpu,addr=0x1d", ON,
		"/dev/udmabuf cannot be opened"},
	    {"virtio", "off", true, true, true, "virtio-vga,id=gpu,addr=0x1d", OFF, NULL},
	    {"virtio", "auto", false, true, true, "virtio-vga,id=gpu,addr=0x1d", OFF,
		"the session cannot show dma-bufs"},
	    {"vga", "auto", true, true, true, "VGA,vgamem_mb=64,id=gpu", OFF, NULL},
	    {"vga", "on", true, true, true, "VGA,vgamem_mb=64,id=gpu", ON, NULL},
	    {"vga", "auto", false, false, false, "VGA,vgamem_mb=64,id=gpu", OFF, NULL},
	    {"vga", "on", true, false, true, NULL, NULL, "display gl on: no render node"},
	    {"cirrus", "auto", true, true, true, "cirrus-vga,id=gpu", OFF, NULL},
	    {"vmware", "off", true, true, true, "vmware-svga,vgamem_mb=64,id=gpu", OFF, NULL},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char text[128];
		snprintf(text, sizeof(text), "display {\ndevice %s\ngl %s\n}\n", table[i].device,
		    table[i].gl);
		struct ph_host_facts host = full_host();
		host.compositor_dmabuf = table[i].dmabuf;
		host.render_node = table[i].node ? host.render_node : NULL;
		host.udmabuf = table[i].udmabuf;
		if (table[i].gpu) {
			bool blob = strstr(table[i].gpu, "blob=on") != NULL;
			EXPECT(text, &host, table[i].note, table[i].gpu, table[i].display,
			    blob ? "memory-backend-memfd,id=ram,size=2048M,share=on" : "!-object",
			    blob ? "q35,vmport=off,memory-backend=ram" : "q35,vmport=off");
			continue;
		}
		struct ph_guest_config config = parse(text);
		struct ph_qemu_command command;
		char error[PH_COMMAND_ERROR_MAX];
		check(!qemu_command_build(&command, &config, &host, error));
		check_contains(error, table[i].note);
		check_uint(command.option_count, 0);
		guest_config_finish(&config);
	}
}

/* QEMU 11.1 sends a wrong descriptor for blob without gl, and *-gl needs gl. */
TEST(no_combination_is_one_that_qemu_cannot_do)
{
	static const char *const devices[] = {"auto", "virtio", "virtio-gl", "vga"};
	static const char *const gls[] = {"auto", "on", "off"};
	static const char *const machines[] = {"q35", "pc", "microvm"};
	int built = 0;
	for (unsigned n = 0; n < 4 * 3 * 3 * 16; n++) {
		char text[128];
		snprintf(text, sizeof(text), "machine %s\ndisplay {\ndevice %s\ngl %s\n}\n",
		    machines[n / 12 % 3], devices[n % 4], gls[n / 4 % 3]);
		struct ph_guest_config config;
		char error[PH_CONFIG_ERROR_MAX];
		if (!guest_config_parse(&config, "f", "/d", "d", text, strlen(text), error)) {
			continue;
		}
		struct ph_host_facts host = full_host();
		unsigned bits = n / 36;
		host.compositor_dmabuf = bits & 1;
		host.render_node = bits & 2 ? host.render_node : NULL;
		host.udmabuf = bits & 4;
		host.kvm = bits & 8;
		host.kvm_reason = "why not";
		struct ph_qemu_command command;
		if (qemu_command_build(&command, &config, &host, error)) {
			char *line = join(&command);
			bool gl = strstr(line, ",gl=on,") != NULL;
			check(command.gl == gl);
			check(gl || strstr(line, "blob=on") == NULL);
			check(gl || strstr(line, "-gl") == NULL);
			check(!gl || (host.compositor_dmabuf && host.render_node));
			check((strstr(line, "blob=on") != NULL) == (strstr(line, "memfd") != NULL));
			check(strstr(line, "spice") == NULL && strstr(line, "vnc") == NULL);
			built++;
			free(line);
			qemu_command_finish(&command);
		}
		guest_config_finish(&config);
	}
	check_op(built, >, 200);
}

TEST(acceleration)
{
	struct ph_host_facts host = full_host();
	EXPECT("accel tcg\n", &host, NULL, "tcg,thread=multi", "max,-erms,-fsrm,-fsrs", "!kvm");
	EXPECT("accel kvm\n", &host, NULL, "kvm", "host");
	host.avoid_kvm = true;
	EXPECT("", &host, "runs without KVM, many times slower: this guest failed with it",
	    "tcg,thread=multi");
	EXPECT("qemu {\narg -accel qtest -cpu qemu64\n}\n", &host, "this guest failed with it",
	    "qtest", "!tcg,thread=multi", "!max", "qemu64");
	EXPECT("qemu {\narg --accel qtest\n}\n", &host, "this guest failed", "!tcg,thread=multi");
	host.avoid_kvm = false;
	host.kvm = false;
	host.kvm_reason = "no /dev/kvm";
	struct ph_guest_config config = parse("accel kvm\n");
	struct ph_qemu_command command;
	char error[PH_COMMAND_ERROR_MAX];
	check(!qemu_command_build(&command, &config, &host, error));
	check_contains(error, "accel kvm: KVM cannot be used: no /dev/kvm; use accel auto");
	guest_config_finish(&config);
}

TEST(storage)
{
	struct ph_host_facts host = full_host();
	EXPECT(
	    "disk a,b.qcow2\ndisk /x/c.raw {\nbus sata\n}\ndisk d.raw {\nbus scsi\nread-only\n}\n"
	    "disk e.qcow2 {\nsnapshot\n}\niso 'my cd.iso'\n",
	    &host, NULL,
	    "if=none,id=disk0,format=qcow2,discard=unmap,"
	    "file.filename=/guests/box/a,,b.qcow2",
	    "virtio-blk-pci,drive=disk0,bootindex=1",
	    "if=none,id=disk1,format=raw,discard=unmap,file.filename=/x/c.raw",
	    "ide-hd,bus=ide.0,drive=disk1,bootindex=2", "virtio-scsi-pci,id=scsi",
	    "if=none,id=disk2,format=raw,discard=unmap,readonly=on,"
	    "file.filename=/guests/box/d.raw",
	    "scsi-hd,bus=scsi.0,drive=disk2,bootindex=3",
	    "if=none,id=disk3,format=qcow2,discard=unmap,snapshot=on,"
	    "file.filename=/guests/box/e.qcow2",
	    "if=none,id=cd0,media=cdrom,format=raw,readonly=on,"
	    "file.filename=/guests/box/my cd.iso",
	    "ide-cd,bus=ide.1,unit=0,drive=cd0,bootindex=5", "!ich9-ahci,id=ahci");
	EXPECT("machine pc\ndisk a.raw {\nbus ide\n}\ndisk b.raw {\nbus ide\n}\n"
	       "disk c.raw {\nbus sata\n}\niso d.iso\niso e.iso\n",
	    &host, NULL, "ide-hd,bus=ide.0,unit=0,drive=disk0,bootindex=1",
	    "ide-hd,bus=ide.0,unit=1,drive=disk1,bootindex=2", "ich9-ahci,id=ahci",
	    "ide-hd,bus=ahci.0,drive=disk2,bootindex=3",
	    "ide-cd,bus=ide.1,unit=0,drive=cd0,bootindex=4",
	    "ide-cd,bus=ide.1,unit=1,drive=cd1,bootindex=5", "piix3-usb-uhci,id=usb");
	EXPECT("machine microvm\ndisk a.raw\nkernel k {\ninitrd i\ncmdline 'a=b,c d'\n}\n", &host,
	    NULL, "virtio-blk-device,drive=disk0,bootindex=1", "-kernel", "/guests/box/k",
	    "-initrd", "/guests/box/i", "-append", "a=b,c d", "virtio-gpu-gl-device,id=gpu",
	    "virtio-keyboard-device", "virtio-tablet-device", "virtio-net-device,netdev=net",
	    "!qemu-xhci,id=usb");
}

TEST(firmware_files)
{
	struct ph_host_facts host = full_host();
	host.efi.code = (char *)"/f,w/CODE.qcow2";
	host.efi.code_format = (char *)"qcow2";
	EXPECT("firmware efi\n", &host, NULL,
	    "if=pflash,unit=0,format=qcow2,readonly=on,file.driver=file,"
	    "file.filename=/f,,w/CODE.qcow2",
	    "if=pflash,unit=1,format=raw,file.driver=file,file.filename=/guests/box/nvram.fd");
	host.efi = (struct ph_firmware){0};
	struct ph_guest_config config = parse("firmware efi\n");
	struct ph_qemu_command command;
	char error[PH_COMMAND_ERROR_MAX];
	check(!qemu_command_build(&command, &config, &host, error));
	check_contains(error, "install the package ovmf (Debian) or edk2-ovmf (Fedora)");
	check_uint(command.option_count, 0);
	guest_config_finish(&config);
	EXPECT("firmware bios\n", &host, NULL, "!-drive");
}

TEST(pointers_heads_and_network)
{
	struct ph_host_facts host = full_host();
	EXPECT("pointer relative\n", &host, NULL, "!usb-tablet,bus=usb.0", "!qemu-xhci,id=usb",
	    "virtio-keyboard-pci");
	EXPECT("machine microvm\npointer relative\n", &host, NULL, "virtio-mouse-device");
	EXPECT("pointer touch\n", &host, NULL, "usb-tablet,bus=usb.0", "virtio-multitouch-pci");
	EXPECT("display {\nheads 2\n}\n", &host, NULL, "virtio-vga-gl,id=gpu,addr=0x1d,max_outputs=2",
	    "{\"driver\":\"usb-tablet\",\"bus\":\"usb.0\",\"display\":\"gpu\",\"head\":0}",
	    "{\"driver\":\"usb-tablet\",\"bus\":\"usb.0\",\"display\":\"gpu\",\"head\":1}");
	EXPECT("network none\n", &host, NULL, "!-netdev");
	EXPECT("network user {\ndevice e1000e\n}\n", &host, NULL, "e1000e,netdev=net");
	EXPECT("name 'a,b=c'\ncpus 255\nmemory 1T\n", &host, NULL, "guest=a,,b=c,debug-threads=on",
	    "255", "size=1048576M");
}

TEST(port_of_the_agent)
{
	static const struct {
		const char *text, *bus; /* NULL: none */
	} table[] = {
	    {"", "virtio-serial-pci,id=ports,addr=0x1e"},
	    {"agent on\n", "virtio-serial-pci,id=ports,addr=0x1e"},
	    {"machine pc\nnetwork none\n", "virtio-serial-pci,id=ports,addr=0x1e"},
	    {"machine microvm\n", "virtio-serial-device,id=ports"},
	    {"agent off\n", NULL},
	    {"machine microvm\nagent off\n", NULL},
	    /* QEMU refuses a second one of the name */
	    {"qemu {\narg -device virtserialport,chardev=x,name=org.qemu.guest_agent.0\n}\n", NULL},
	    {"qemu {\narg -device virtserialport,chardev=x,name=com.redhat.spice.0\n}\n",
		"virtio-serial-pci,id=ports,addr=0x1e"},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ph_host_facts host = full_host();
		struct ph_guest_config config = parse(table[i].text);
		struct ph_qemu_command command;
		char error[PH_COMMAND_ERROR_MAX];
		check(qemu_command_build(&command, &config, &host, error));
		check(command.agent == (table[i].bus != NULL));
		char *line = join(&command);
		check((strstr(line, "fd=8") != NULL) == command.agent);
		check((strstr(line, "virtio-serial-") != NULL) == command.agent);
		check((strstr(line, "chardev=agent,name=org.qemu.guest_agent.0\n") != NULL) ==
		      command.agent);
		if (table[i].bus) {
			check_contains(line, table[i].bus);
		}
		free(line);
		qemu_command_finish(&command);
		guest_config_finish(&config);
	}
}

TEST(args_of_the_expert_come_last)
{
	struct ph_host_facts host = full_host();
	char *notes, *line = build("qemu {\narg -device 'edu,id=x'\narg -S\n}\n", &host, &notes);
	const char *end = "\n-device\nedu,id=x\n-S\n";
	check_op((intmax_t)strlen(line), >, (intmax_t)strlen(end));
	check_str(line + strlen(line) - strlen(end), end);
	free(line);
	free(notes);
}

static const char descriptor[] =
    "{\"interface-types\":[%s],\"mapping\":{\"device\":\"%s\",%s"
    "\"executable\":{\"filename\":\"%s\",\"format\":\"%s\"}%s},"
    "\"targets\":[{\"architecture\":\"%s\",\"machines\":[\"pc-i440fx-*\",\"%s\"]}],"
    "\"features\":[%s],\"tags\":[]}";
#define NVRAM ",\"nvram-template\":{\"filename\":\"/v\",\"format\":\"raw\"}"

TEST(firmware_descriptors)
{
	static const struct {
		const char *types, *device, *mode, *file, *format, *nvram, *architecture, *machine,
		    *features;
		enum ph_firmware_result result;
	} table[] = {
	    {"\"uefi\"", "flash", "", "/c", "raw", NVRAM, "x86_64", "pc-q35-*", "",
		PH_FIRMWARE_FITS},
	    {"\"bios\",\"uefi\"", "flash", "\"mode\":\"split\",", "/c", "qcow2", NVRAM, "x86_64",
		"pc-q35-10.0", "\"acpi-s3\"", PH_FIRMWARE_FITS},
	    {"\"bios\"", "flash", "", "/c", "raw", NVRAM, "x86_64", "pc-q35-*", "",
		PH_FIRMWARE_UNFIT},
	    {"\"uefi\"", "memory", "", "/c", "raw", NVRAM, "x86_64", "pc-q35-*", "",
		PH_FIRMWARE_UNFIT},
	    {"\"uefi\"", "flash", "\"mode\":\"stateless\",", "/c", "raw", "", "x86_64", "pc-q35-*",
		"", PH_FIRMWARE_UNFIT},
	    {"\"uefi\"", "flash", "", "c", "raw", NVRAM, "x86_64", "pc-q35-*", "",
		PH_FIRMWARE_UNFIT},
	    {"\"uefi\"", "flash", "", "/c", "vmdk", NVRAM, "x86_64", "pc-q35-*", "",
		PH_FIRMWARE_UNFIT},
	    {"\"uefi\"", "flash", "", "/c", "raw", "", "x86_64", "pc-q35-*", "", PH_FIRMWARE_UNFIT},
	    {"\"uefi\"", "flash", "", "/c", "raw", NVRAM, "aarch64", "pc-q35-*", "",
		PH_FIRMWARE_UNFIT},
	    {"\"uefi\"", "flash", "", "/c", "raw", NVRAM, "x86_64", "microvm", "",
		PH_FIRMWARE_UNFIT},
	    {"\"uefi\"", "flash", "", "/c", "raw", NVRAM, "x86_64", "pc-q35-*", "\"requires-smm\"",
		PH_FIRMWARE_UNFIT},
	    {"\"uefi\"", "flash", "", "/c", "raw", NVRAM, "x86_64", "pc-q35-*", "\"secure-boot\"",
		PH_FIRMWARE_UNFIT},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		fprintf(out, descriptor, table[i].types, table[i].device, table[i].mode,
		    table[i].file, table[i].format, table[i].nvram, table[i].architecture,
		    table[i].machine, table[i].features);
#pragma GCC diagnostic pop
		fclose(out);
		struct ph_firmware firmware = {0};
		check_int(firmware_parse(&firmware, text, "pc-q35-"), table[i].result);
		check((firmware.code != NULL) == (table[i].result == PH_FIRMWARE_FITS));
		if (firmware.code) {
			check_str(firmware.code, "/c");
			check_str(firmware.code_format, table[i].format);
			check_str(firmware.vars, "/v");
		}
		firmware_finish(&firmware);
		/* cut anywhere it is no descriptor */
		for (size_t n = 0; n < size; n++) {
			text[size - 1 - n] = '\0';
			check_int(firmware_parse(&firmware, text, "pc-q35-"), PH_FIRMWARE_BROKEN);
		}
		free(text);
	}
	static const char *const broken[] = {"[]", "1", "null", "{}", "\"x\"", "{\"mapping\":1}",
	    "{\"mapping\":{\"device\":\"flash\"}}", "{\"interface-types\":[1]}"};
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct ph_firmware firmware = {0};
		check_int(firmware_parse(&firmware, broken[i], "pc-q35-"), PH_FIRMWARE_BROKEN);
	}
}
