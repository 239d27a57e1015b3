// SPDX-License-Identifier: MIT
#include "guest_config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static bool parse(struct ph_guest_config *config, const char *text, char *error)
{
	return guest_config_parse(
	    config, "guest.scfg", "/guests/box", "box", text, strlen(text), error);
}

/* Parses what must be right; the caller finishes it. */
static struct ph_guest_config good(const char *text)
{
	struct ph_guest_config config;
	char error[PH_CONFIG_ERROR_MAX];
	if (!parse(&config, text, error)) {
		test_fail(__FILE__, __LINE__, "refused: %s\n%s", error, text);
	}
	check_str(error, "");
	return config;
}

TEST(empty_file_is_all_defaults)
{
	static const char *const texts[] = {"", "\n", "# only a comment\n\n"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ph_guest_config config = good(texts[i]);
		check_str(config.name, "box");
		check_uint(config.memory, (uint64_t)2 << 30);
		check_uint(config.cpus, 2);
		check_int(config.machine, PH_MACHINE_Q35);
		check_int(config.firmware, PH_FIRMWARE_BIOS);
		check_uint(config.disk_count, 0);
		check_uint(config.iso_count, 0);
		check_str(config.kernel.path, NULL);
		check_int(config.display.device, PH_DISPLAY_AUTO);
		check_uint(config.display.heads, 1);
		check_int(config.display.gl, PH_AUTO);
		check_int(config.pointer, PH_POINTER_DEVICE_ABSOLUTE);
		check_int(config.accel, PH_ACCEL_AUTO);
		check_int(config.agent, PH_ON);
		check_int(config.network, PH_NETWORK_USER);
		check_str(config.program.path, NULL);
		guest_config_finish(&config);
		check(config.name == NULL);
		guest_config_finish(&config);
	}
}

TEST(every_key_is_read)
{
	struct ph_guest_config config =
	    good("name \"Blue box\"\n"
		 "memory 512M\n"
		 "cpus 4\n"
		 "machine pc\n"
		 "firmware efi\n"
		 "disk a.qcow2\n"
		 "disk /abs/b.img {\n\tformat raw\n\tbus ide\n}\n"
		 "disk c.raw {\n\tbus scsi\n\tread-only\n\tsnapshot\n}\n"
		 "iso 'cd one.iso'\n"
		 "iso two.iso\n"
		 "kernel vmlinuz {\n\tinitrd initrd.img\n"
		 "\tcmdline \"console=ttyS0 quiet\"\n}\n"
		 "display {\n\tdevice virtio\n\theads 3\n\tgl on\n"
		 "\trender-node /dev/dri/renderD129\n}\n"
		 "pointer touch\n"
		 "accel tcg\n"
		 "agent off\n"
		 "network none {\n\tdevice e1000e\n}\n"
		 "qemu {\n\tprogram /opt/qemu\n\targ -device edu\n"
		 "\targ -S\n}\n");
	check_str(config.name, "Blue box");
	check_uint(config.memory, 512 << 20);
	check_uint(config.cpus, 4);
	check_int(config.machine, PH_MACHINE_PC);
	check_int(config.firmware, PH_FIRMWARE_EFI);
	check_uint(config.disk_count, 3);
	check_str(config.disks[0].file.path, "/guests/box/a.qcow2");
	check_int(config.disks[0].file.line, 6);
	check_int(config.disks[0].format, PH_DISK_QCOW2);
	check_int(config.disks[0].bus, PH_BUS_VIRTIO);
	check_str(config.disks[1].file.path, "/abs/b.img");
	check_int(config.disks[1].format, PH_DISK_RAW);
	check_int(config.disks[1].bus, PH_BUS_IDE);
	check_int(config.disks[2].format, PH_DISK_RAW);
	check_int(config.disks[2].bus, PH_BUS_SCSI);
	check(config.disks[2].read_only && config.disks[2].snapshot);
	check(!config.disks[1].read_only && !config.disks[1].snapshot);
	check_uint(config.iso_count, 2);
	check_str(config.isos[0].path, "/guests/box/cd one.iso");
	check_str(config.isos[1].path, "/guests/box/two.iso");
	check_str(config.kernel.path, "/guests/box/vmlinuz");
	check_str(config.initrd.path, "/guests/box/initrd.img");
	check_str(config.cmdline, "console=ttyS0 quiet");
	check_int(config.display.device, PH_DISPLAY_VIRTIO);
	check_uint(config.display.heads, 3);
	check_int(config.display.gl, PH_ON);
	check_str(config.display.render_node.path, "/dev/dri/renderD129");
	check_int(config.pointer, PH_POINTER_DEVICE_TOUCH);
	check_int(config.accel, PH_ACCEL_TCG);
	check_int(config.agent, PH_OFF);
	check_int(config.network, PH_NETWORK_NONE);
	check_int(config.network_device, PH_NETWORK_E1000E);
	check_str(config.program.path, "/opt/qemu");
	check_uint(config.arg_count, 3);
	check_str(config.args[0], "-device");
	check_str(config.args[1], "edu");
	check_str(config.args[2], "-S");
	guest_config_finish(&config);
}

TEST(every_word_is_known)
{
	static const char *const lines[] = {"machine q35", "machine pc", "machine microvm",
	    "firmware bios", "firmware efi", "pointer absolute", "pointer relative",
	    "pointer touch", "accel auto", "accel kvm", "accel tcg", "agent on", "agent off",
	    "network user", "network none", "display {\ndevice auto\n}",
	    "display {\ndevice virtio\n}", "display {\ndevice virtio-gl\n}",
	    "display {\ndevice vga\n}", "display {\ndevice cirrus\n}",
	    "display {\ndevice vmware\n}", "display {\ngl auto\n}", "display {\ngl on\n}",
	    "display {\ngl off\n}", "display {\nheads 16\n}", "disk a.raw {\nbus virtio\n}",
	    "disk a.raw {\nbus sata\n}", "disk a.raw {\nbus scsi\n}", "disk a {\nformat qcow2\n}",
	    "disk a {\nformat raw\n}", "network user {\ndevice virtio\n}",
	    "network user {\ndevice e1000\n}", "network user {\ndevice rtl8139\n}", "display {\n}",
	    "qemu {\n}", "kernel k"};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct ph_guest_config config = good(lines[i]);
		guest_config_finish(&config);
	}
}

TEST(sizes_of_memory)
{
	static const struct {
		const char *text;
		uint64_t bytes; /* 0: refused */
	} table[] = {
	    {"1M", (uint64_t)1 << 20},
	    {"2G", (uint64_t)2 << 30},
	    {"2g", (uint64_t)2 << 30},
	    {"2GiB", (uint64_t)2 << 30},
	    {"512m", (uint64_t)512 << 20},
	    {"0002G", (uint64_t)2 << 30},
	    {"16T", (uint64_t)16 << 40},
	    {"16777216M", (uint64_t)16 << 40},
	    {"17T", 0},
	    {"16777217M", 0},
	    {"0G", 0},
	    {"-1G", 0},
	    {"+1G", 0},
	    {"1.5G", 0},
	    {"1,5G", 0},
	    {"2", 0},
	    {"2048", 0},
	    {"G", 0},
	    {"2K", 0},
	    {"2GB", 0},
	    {"2Gib", 0},
	    {"2GiBs", 0},
	    {"0x2G", 0},
	    {"1e3M", 0},
	    {"' 2G'", 0},
	    {"'2G '", 0},
	    {"'2 G'", 0},
	    {"99999999999999999999999G", 0},
	    {"18446744073709551616M", 0},
	    {"18446744073709551617M", 0},
	    {"17592186044417M", 0},
	    {"17179869184G", 0},
	    {"16777216T", 0},
	    {"nan", 0},
	    {"\xd9\xa2G", 0}, /* ARABIC-INDIC DIGIT TWO */
	    {"2\xc4\xb0M", 0},
	    {"''", 0},
	};
	/* Whether or not these exist here, nothing may depend on the locale. */
	static const char *const locales[] = {"C", "tr_TR.UTF-8", "de_DE.UTF-8", "ar_EG.UTF-8"};
	for (size_t l = 0; l < sizeof(locales) / sizeof(locales[0]); l++) {
		setlocale(LC_ALL, locales[l]);
		for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
			char text[128], error[PH_CONFIG_ERROR_MAX];
			snprintf(text, sizeof(text), "memory %s\n", table[i].text);
			struct ph_guest_config config;
			bool ok = parse(&config, text, error);
			if (ok != (table[i].bytes != 0)) {
				test_fail(__FILE__, __LINE__, "%s: %s", text, ok ? "taken" : error);
			}
			check_uint(config.memory, table[i].bytes);
			guest_config_finish(&config);
		}
	}
}

TEST(numbers)
{
	static const struct {
		const char *text;
		uint32_t value; /* 0: refused */
	} table[] = {{"1", 1}, {"255", 255}, {"007", 7}, {"256", 0}, {"0", 0}, {"-1", 0}, {"+1", 0},
	    {"1.0", 0}, {"0x10", 0}, {"4294967297", 0}, {"18446744073709551617", 0},
	    {"99999999999999999999999999999", 0}, {"two", 0}, {"'2 '", 0}, {"' 2'", 0}, {"''", 0},
	    {"2k", 0}};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char text[128], error[PH_CONFIG_ERROR_MAX];
		snprintf(text, sizeof(text), "cpus %s\n", table[i].text);
		struct ph_guest_config config;
		bool ok = parse(&config, text, error);
		if (ok != (table[i].value != 0)) {
			test_fail(__FILE__, __LINE__, "%s: %s", text, ok ? "taken" : error);
		}
		check_uint(config.cpus, table[i].value);
		guest_config_finish(&config);
	}
}

static const struct {
	const char *text, *error; /* what error begins with */
} refusals[] = {
    {"color blue\n", "guest.scfg:1: color: unknown key, expected one of: name, colour, edge, memory, "},
    {"Memory 2G\n", "guest.scfg:1: Memory: unknown key"},
    {"\n\nmemory\n", "guest.scfg:3: memory: 0 values given, expected one"},
    {"memory 1G 2G\n", "guest.scfg:1: memory: 2 values given, expected one"},
    {"memory 2\n", "guest.scfg:1: memory: '2' is not a size, expected a whole number with a "
		   "unit, such as 512M or 2G"},
    {"memory 99T\n", "guest.scfg:1: memory: '99T' is out of range, expected 1M to 16T"},
    {"memory 1G\nmemory 1G\n", "guest.scfg:2: memory: given twice"},
    {"memory 1G {\nx 1\n}\n", "guest.scfg:1: memory: takes no block"},
    {"cpus 0\n", "guest.scfg:1: cpus: '0' is not a whole number from 1 to 255"},
    {"machine i440fx\n",
	"guest.scfg:1: machine: unknown value 'i440fx', expected one of: q35, pc, microvm"},
    {"firmware uefi\n", "guest.scfg:1: firmware: unknown value 'uefi', expected one of: "
			"bios, efi"},
    {"disk box.img\n", "guest.scfg:1: disk: the format of 'box.img' cannot be told from its "
		       "name"},
    {"disk a.qcow2 {\nformat vmdk\n}\n",
	"guest.scfg:2: format: unknown value 'vmdk', expected one of: qcow2, raw"},
    {"disk a.qcow2 {\nbus nvme\n}\n", "guest.scfg:2: bus: unknown value 'nvme'"},
    {"disk a.qcow2 {\nread-only yes\n}\n", "guest.scfg:2: read-only: takes no value"},
    {"disk a.qcow2 {\nsize 1G\n}\n",
	"guest.scfg:2: size: unknown key in disk, expected one of: format, bus, "},
    {"disk a.qcow2 {\nbus ide\n}\n", "guest.scfg:1: disk: bus ide needs machine pc"},
    {"\ndisk a.raw {\nbus sata\nread-only\n}\n", "guest.scfg:2: disk: read-only needs bus"},
    {"disk a.raw {\nbus scsi\n}\nmachine microvm\n",
	"guest.scfg:1: disk: machine microvm has bus virtio only"},
    {"machine pc\niso 1\niso 2\niso 3\niso 4\niso 5\n",
	"guest.scfg:2: disk: too many for the controller"},
    {"iso 1\niso 2\niso 3\niso 4\niso 5\niso 6\niso 7\n", "guest.scfg:1: disk: too many"},
    {"disk\n", "guest.scfg:1: disk: 0 values given"},
    {"disk ''\n", "guest.scfg:1: disk: the value is empty"},
    {"iso \"a\tb\"\n", "guest.scfg:1: iso: the value contains a control character"},
    {"iso a {\nx\n}\n", "guest.scfg:1: iso: takes no block"},
    {"machine microvm\niso a.iso\n", "guest.scfg:2: iso: machine microvm has no CD drive"},
    {"machine microvm\nfirmware efi\n", "guest.scfg:2: firmware: machine microvm has no efi"},
    {"machine microvm\ndisplay {\ndevice vga\n}\n",
	"guest.scfg:2: display: machine microvm has virtio displays only"},
    {"kernel k {\nroot x\n}\n", "guest.scfg:2: root: unknown key in kernel"},
    {"initrd x\n", "guest.scfg:1: initrd: unknown key"},
    {"display vga\n", "guest.scfg:1: display: takes no value"},
    {"display {\nheads 17\n}\n", "guest.scfg:2: heads: '17' is not a whole number from 1 to "
				 "16"},
    {"display {\nheads 2\ndevice vga\n}\n", "guest.scfg:1: display: heads: this device has "
					    "one"},
    {"display {\ndevice virtio-gl\ngl off\n}\n",
	"guest.scfg:1: display: device virtio-gl cannot work with gl off"},
    {"display {\ngl yes\n}\n", "guest.scfg:2: gl: unknown value 'yes'"},
    {"pointer mouse\n", "guest.scfg:1: pointer: unknown value 'mouse'"},
    {"accel xen\n", "guest.scfg:1: accel: unknown value 'xen'"},
    {"network bridge\n", "guest.scfg:1: network: unknown value 'bridge'"},
    {"network user {\ndevice ne2k\n}\n", "guest.scfg:2: device: unknown value 'ne2k'"},
    {"qemu {\narg\n}\n", "guest.scfg:2: arg: no value"},
    {"qemu -S\n", "guest.scfg:1: qemu: takes no value"},
    {"name \"\x1b]0;x\"\n", "guest.scfg:1: name: the value contains a control character"},
    {"name aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
	"guest.scfg:1: name: longer than 64 bytes"},
    {"memory 2G\ndisplay {\n", "guest.scfg:3: syntax: expected '}'"},
    {"}\n", "guest.scfg:1: syntax: unexpected '}'"},
    {"name \"box\n", "guest.scfg:2: syntax: unterminated"},
    {"display { heads 2 }\n", "guest.scfg:1: syntax: unexpected '}'"},
};

TEST(every_refusal_says_where_and_what)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct ph_guest_config config;
		char error[PH_CONFIG_ERROR_MAX];
		check(!parse(&config, refusals[i].text, error));
		if (strncmp(error, refusals[i].error, strlen(refusals[i].error)) != 0) {
			test_fail(__FILE__, __LINE__, "text:\n%s\nis:   %s\nwant: %s",
			    refusals[i].text, error, refusals[i].error);
		}
		check(strchr(error, '\n') == NULL);
		/* nothing half applied */
		struct ph_guest_config empty = {0};
		check_mem(&config, &empty, sizeof(config));
	}
}

TEST(bytes_that_are_no_text)
{
	struct ph_guest_config config;
	char error[PH_CONFIG_ERROR_MAX];
	check(!guest_config_parse(&config, "f", "/d", "d", "memory 1G\0\n", 11, error));
	check_contains(error, "f:1: the file contains a NUL byte");

	size_t size = PH_GUEST_CONFIG_SIZE_MAX + 1;
	char *large = malloc(size);
	memset(large, '\n', size);
	check(!guest_config_parse(&config, "f", "/d", "d", large, size, error));
	check_contains(error, "f:1: the file has 65537 bytes");
	check(guest_config_parse(&config, "f", "/d", "d", large, size - 1, error));
	guest_config_finish(&config);

	/* as deep as a file of that size can be */
	for (size_t i = 0; i + 4 < size; i += 4) {
		memcpy(&large[i], "a {\n", 4);
	}
	check(!guest_config_parse(&config, "f", "/d", "d", large, size - 1, error));
	/* one name as long as the file: the message is cut, not overrun */
	memset(large, 'x', size);
	check(!guest_config_parse(&config, "f", "/d", "d", large, size - 1, error));
	check_contains(error, "f:1: xxxx");
	/* one byte at a time through everything that a byte can be */
	for (int c = 0; c < 256; c++) {
		char text[] = {'n', 'a', 'm', 'e', ' ', (char)c, '\n'};
		if (guest_config_parse(&config, "f", "/d", "d", text, sizeof(text), error)) {
			check(config.name != NULL);
			guest_config_finish(&config);
		} else {
			check(error[0] != '\0');
		}
	}
	free(large);
}

/* Random edits of a right file: never a crash, and always either a config or an error. */
TEST(mangled_files)
{
	static const char seed_text[] = "name box\nmemory 512M\ndisk a.qcow2 {\n\tbus sata\n}\n"
					"display {\n\theads 2\n}\nqemu {\n\targ -S 'x y'\n}\n";
	static const char bytes[] = "\0\n{}\"'\\# \t\xff\x80"
				    "0G-";
	uint32_t random = 1;
	for (int round = 0; round < 20000; round++) {
		char text[sizeof(seed_text)];
		memcpy(text, seed_text, sizeof(text));
		for (int edit = 0; edit < 3; edit++) {
			random = random * 1664525 + 1013904223;
			size_t at = (random >> 8) % (sizeof(text) - 1);
			text[at] = bytes[(random >> 24) % (sizeof(bytes) - 1)];
		}
		struct ph_guest_config config;
		char error[PH_CONFIG_ERROR_MAX];
		bool ok =
		    guest_config_parse(&config, "f", "/d", "d", text, sizeof(text) - 1, error);
		check(ok == (error[0] == '\0'));
		check(ok == (config.name != NULL));
		guest_config_finish(&config);
	}
}
