// SPDX-License-Identifier: MIT
#include "guest_config.h"

#include <assert.h>
#include <scfg.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

struct parser {
	struct ph_guest_config *config;
	const char *file, *dir;
	char *error; /* PH_CONFIG_ERROR_MAX bytes; first error wins */
	int firmware_line, display_line;
};

/* One of the words that a key takes; a list of them ends with NULL. */
struct word {
	const char *text;
	int value;
};

/*
 * One key of a block: how it is read, and where the value goes. Every value
 * lies in the struct that the block fills, at offset.
 */
struct key {
	const char *name;
	bool (*read)(struct parser *parser, const struct scfg_directive *d, const struct key *key,
	    void *target);
	size_t offset;
	const struct word *words; /* read_word: what is allowed */
	uint32_t max;             /* read_number: 1 to max */
	bool repeatable;
};

#define CONFIG(member) offsetof(struct ph_guest_config, member)
#define DISK(member) offsetof(struct ph_disk, member)

/* Enums are stored through an int, see read_word(). */
static_assert(sizeof(enum ph_machine) == sizeof(int), "an enum is as large as an int");

static bool fail(struct parser *parser, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(struct parser *parser, int line, const char *fmt, ...)
{
	int n = snprintf(parser->error, PH_CONFIG_ERROR_MAX, "%s:%d: ", parser->file, line);
	if (n > 0 && n < PH_CONFIG_ERROR_MAX) {
		va_list args;
		va_start(args, fmt);
		vsnprintf(parser->error + n, (size_t)(PH_CONFIG_ERROR_MAX - n), fmt, args);
		va_end(args);
	}
	return false;
}

/* The directive's only value; NULL after an error if it has none, several, or an empty one. */
static const char *take_value(struct parser *parser, const struct scfg_directive *d)
{
	if (d->params_len != 1) {
		fail(parser, d->lineno,
		    "%s: %zu values given, expected one; put quotes around a value "
		    "that contains spaces",
		    d->name, d->params_len);
		return NULL;
	}
	if (!d->params[0][0]) {
		fail(parser, d->lineno, "%s: the value is empty; give one or remove the line",
		    d->name);
		return NULL;
	}
	for (const char *c = d->params[0]; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			fail(parser, d->lineno,
			    "%s: the value contains a control character; remove it", d->name);
			return NULL;
		}
	}
	return d->params[0];
}

static bool refuse_block(struct parser *parser, const struct scfg_directive *d)
{
	if (d->children.directives_len > 0) {
		return fail(parser, d->lineno, "%s: takes no block; remove the braces", d->name);
	}
	return true;
}

/* Whole number in decimal, 1 to key->max. No sign, no spaces, no locale. */
static bool read_number(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	const char *text = take_value(parser, d);
	if (!text || !refuse_block(parser, d)) {
		return false;
	}
	uint64_t value = 0;
	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9' || value > UINT32_MAX) {
			value = UINT64_MAX;
			break;
		}
		value = value * 10 + (uint64_t)(*c - '0');
	}
	if (value < 1 || value > key->max) {
		return fail(parser, d->lineno, "%s: '%s' is not a whole number from 1 to %u",
		    d->name, text, key->max);
	}
	*(uint32_t *)((char *)target + key->offset) = (uint32_t)value;
	return true;
}

static bool take_word(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	const char *text = take_value(parser, d);
	if (!text) {
		return false;
	}
	char list[256] = "";
	size_t used = 0;
	for (const struct word *word = key->words; word->text; word++) {
		if (strcmp(text, word->text) == 0) {
			memcpy((char *)target + key->offset, &word->value, sizeof(word->value));
			return true;
		}
		used += (size_t)snprintf(
		    &list[used], sizeof(list) - used, "%s%s", used ? ", " : "", word->text);
	}
	return fail(
	    parser, d->lineno, "%s: unknown value '%s', expected one of: %s", d->name, text, list);
}

static bool read_word(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	return take_word(parser, d, key, target) && refuse_block(parser, d);
}

/* Into a struct ph_config_file; relative paths are below the guest's directory. */
static bool take_path(
    struct parser *parser, const struct scfg_directive *d, struct ph_config_file *file)
{
	const char *text = take_value(parser, d);
	if (!text) {
		return false;
	}
	file->line = d->lineno;
	file->path = text[0] == '/' ? alloc_string(text) : alloc_format("%s/%s", parser->dir, text);
	return true;
}

static bool read_path(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	void *file = (char *)target + key->offset;
	return take_path(parser, d, file) && refuse_block(parser, d);
}

static bool read_text(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	const char *text = take_value(parser, d);
	if (!text || !refuse_block(parser, d)) {
		return false;
	}
	if (key->max && strlen(text) > key->max) {
		return fail(parser, d->lineno, "%s: longer than %u bytes; choose a shorter one",
		    d->name, key->max);
	}
	char **out = (char **)((char *)target + key->offset);
	free(*out);
	*out = alloc_string(text);
	return true;
}

static bool read_flag(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	if (d->params_len > 0) {
		return fail(parser, d->lineno,
		    "%s: takes no value; remove '%s', or the whole line for the opposite", d->name,
		    d->params[0]);
	}
	*(bool *)((char *)target + key->offset) = true;
	return refuse_block(parser, d);
}

/* "#rrggbb": the session's business, which has its own look at it. */
static bool read_colour(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	const char *text = take_value(parser, d);
	if (!text || !refuse_block(parser, d)) {
		return false;
	}
	if (text[0] != '#' || strlen(text) != 7 ||
	    strspn(text + 1, "0123456789abcdefABCDEF") != 6) {
		return fail(parser, d->lineno,
		    "%s: '%s' is no colour; expected \"#rrggbb\", in quotes", d->name, text);
	}
	return true;
}

/* Reads every directive of a block by the table; no key twice unless it may be. */
static bool read_block(struct parser *parser, const struct scfg_block *block, const char *where,
    const struct key *keys, void *target)
{
	uint64_t seen = 0;
	for (size_t i = 0; i < block->directives_len; i++) {
		const struct scfg_directive *d = &block->directives[i];
		char list[256] = "";
		size_t used = 0;
		const struct key *key = keys;
		for (; key->name && strcmp(d->name, key->name) != 0; key++) {
			used += (size_t)snprintf(
			    &list[used], sizeof(list) - used, "%s%s", used ? ", " : "", key->name);
		}
		if (!key->name) {
			return fail(parser, d->lineno, "%s: unknown key%s, expected one of: %s",
			    d->name, where, list);
		}
		uint64_t bit = (uint64_t)1 << (key - keys);
		if (!key->repeatable && (seen & bit)) {
			return fail(
			    parser, d->lineno, "%s: given twice; keep one of the lines", d->name);
		}
		seen |= bit;
		if (!key->read(parser, d, key, target)) {
			return false;
		}
	}
	return true;
}

/* "512M", "2G": no locale, no fraction, no sign; the unit is not left to guessing. */
static bool read_memory(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	const char *text = take_value(parser, d);
	if (!text || !refuse_block(parser, d)) {
		return false;
	}
	uint64_t value = 0;
	const char *c = text;
	for (; *c >= '0' && *c <= '9'; c++) {
		/* above the limit it only has to stay there */
		value = value > PH_MEMORY_MAX ? value : value * 10 + (uint64_t)(*c - '0');
	}
	static const char units[] = "MmGgTt";
	const char *unit = *c ? strchr(units, *c) : NULL;
	if (c == text || !unit || (c[1] && strcmp(&c[1], "iB") != 0)) {
		return fail(parser, d->lineno,
		    "%s: '%s' is not a size, expected a whole number with a unit, such as 512M or "
		    "2G",
		    d->name, text);
	}
	unsigned shift = 20 + 10 * (unsigned)((unit - units) / 2);
	if (value == 0 || value > (PH_MEMORY_MAX >> shift)) {
		return fail(parser, d->lineno, "%s: '%s' is out of range, expected 1M to 16T",
		    d->name, text);
	}
	*(uint64_t *)((char *)target + key->offset) = value << shift;
	return true;
}

static bool has_suffix(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);
	return n > m && strcmp(text + n - m, suffix) == 0;
}

/*
 * A disk's format is never found out by looking into it: a guest can write
 * anything to the start of a raw disk, for example a qcow2 header that names
 * one of the host's files as its backing file.
 */
static bool read_disk(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	static const struct word formats[] = {
	    {"qcow2", PH_DISK_QCOW2}, {"raw", PH_DISK_RAW}, {NULL, 0}};
	static const struct word buses[] = {{"virtio", PH_BUS_VIRTIO}, {"sata", PH_BUS_SATA},
	    {"ide", PH_BUS_IDE}, {"scsi", PH_BUS_SCSI}, {NULL, 0}};
	static const struct key keys[] = {
	    {"format", read_word, DISK(format), formats},
	    {"bus", read_word, DISK(bus), buses},
	    {"read-only", read_flag, DISK(read_only)},
	    {"snapshot", read_flag, DISK(snapshot)},
	    {NULL},
	};
	struct ph_guest_config *config = target;
	struct ph_config_file file = {0};
	if (!take_path(parser, d, &file)) {
		return false;
	}
	config->disks = alloc_array(config->disks, config->disk_count + 1, sizeof(*config->disks));
	struct ph_disk *disk = &config->disks[config->disk_count++];
	*disk = (struct ph_disk){.file = file};
	bool named = false;
	for (size_t i = 0; i < d->children.directives_len; i++) {
		named = named || strcmp(d->children.directives[i].name, "format") == 0;
	}
	if (has_suffix(file.path, ".raw")) {
		disk->format = PH_DISK_RAW;
	} else if (!named && !has_suffix(file.path, ".qcow2")) {
		return fail(parser, d->lineno,
		    "%s: the format of '%s' cannot be told from its name; add a block with the "
		    "line: "
		    "format qcow2, or: format raw",
		    d->name, d->params[0]);
	}
	return read_block(parser, &d->children, " in disk", keys, disk);
}

static bool read_iso(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	struct ph_guest_config *config = target;
	struct ph_config_file file = {0};
	if (!take_path(parser, d, &file)) {
		return false;
	}
	config->isos = alloc_array(config->isos, config->iso_count + 1, sizeof(*config->isos));
	config->isos[config->iso_count++] = file;
	return refuse_block(parser, d);
}

static bool read_kernel(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	static const struct key keys[] = {
	    {"initrd", read_path, CONFIG(initrd)},
	    {"cmdline", read_text, CONFIG(cmdline)},
	    {NULL},
	};
	struct ph_guest_config *config = target;
	return take_path(parser, d, &config->kernel) &&
	       read_block(parser, &d->children, " in kernel", keys, target);
}

static bool read_display(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	static const struct word devices[] = {{"auto", PH_DISPLAY_AUTO},
	    {"virtio", PH_DISPLAY_VIRTIO}, {"virtio-gl", PH_DISPLAY_VIRTIO_GL},
	    {"vga", PH_DISPLAY_VGA}, {"cirrus", PH_DISPLAY_CIRRUS}, {"vmware", PH_DISPLAY_VMWARE},
	    {NULL, 0}};
	static const struct word choices[] = {
	    {"auto", PH_AUTO}, {"on", PH_ON}, {"off", PH_OFF}, {NULL, 0}};
	static const struct key keys[] = {
	    {"device", read_word, CONFIG(display.device), devices},
	    {"heads", read_number, CONFIG(display.heads), NULL, PH_HEADS_MAX},
	    {"gl", read_word, CONFIG(display.gl), choices},
	    {"render-node", read_path, CONFIG(display.render_node)},
	    {NULL},
	};
	struct ph_guest_config *config = target;
	parser->display_line = d->lineno;
	if (d->params_len > 0) {
		return fail(parser, d->lineno,
		    "%s: takes no value, expected a block; write 'device %s' as a line of it",
		    d->name, d->params[0]);
	}
	if (!read_block(parser, &d->children, " in display", keys, target)) {
		return false;
	}
	if (config->display.heads > 1 && config->display.device >= PH_DISPLAY_VGA) {
		return fail(parser, d->lineno,
		    "display: heads: this device has one; use device virtio or virtio-gl");
	}
	if (config->display.device == PH_DISPLAY_VIRTIO_GL && config->display.gl == PH_OFF) {
		return fail(parser, d->lineno,
		    "display: device virtio-gl cannot work with gl off; use "
		    "device virtio, or gl auto");
	}
	return true;
}

static bool read_network(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	static const struct word devices[] = {{"virtio", PH_NETWORK_VIRTIO},
	    {"e1000e", PH_NETWORK_E1000E}, {"e1000", PH_NETWORK_E1000},
	    {"rtl8139", PH_NETWORK_RTL8139}, {NULL, 0}};
	static const struct key keys[] = {
	    {"device", read_word, CONFIG(network_device), devices},
	    {NULL},
	};
	return take_word(parser, d, key, target) &&
	       read_block(parser, &d->children, " in network", keys, target);
}

static bool read_args(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	struct ph_guest_config *config = target;
	if (d->params_len == 0) {
		return fail(parser, d->lineno,
		    "%s: no value, expected at least one, such as: arg -device edu", d->name);
	}
	config->args =
	    alloc_array(config->args, config->arg_count + d->params_len, sizeof(*config->args));
	for (size_t i = 0; i < d->params_len; i++) {
		config->args[config->arg_count++] = alloc_string(d->params[i]);
	}
	return refuse_block(parser, d);
}

static bool read_qemu(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	static const struct key keys[] = {
	    {"program", read_path, CONFIG(program)},
	    {"arg", read_args, .repeatable = true},
	    {NULL},
	};
	if (d->params_len > 0) {
		return fail(parser, d->lineno,
		    "%s: takes no value, expected a block with program or arg lines", d->name);
	}
	return read_block(parser, &d->children, " in qemu", keys, target);
}

/* Whether the machine has such a disk. */
static bool check_disk(struct parser *parser, const struct ph_disk *disk)
{
	enum ph_machine machine = parser->config->machine;
	int line = disk->file.line;
	if (disk->bus == PH_BUS_IDE && machine != PH_MACHINE_PC) {
		return fail(
		    parser, line, "disk: bus ide needs machine pc; use bus sata, or machine pc");
	}
	if (disk->bus != PH_BUS_VIRTIO && machine == PH_MACHINE_MICROVM) {
		return fail(parser, line,
		    "disk: machine microvm has bus virtio only; use that, or machine q35");
	}
	if (disk->read_only && (disk->bus == PH_BUS_IDE || disk->bus == PH_BUS_SATA)) {
		return fail(parser, line,
		    "disk: read-only needs bus virtio or scsi; use one of them, or "
		    "snapshot instead");
	}
	return true;
}

/* What only makes sense together. */
static bool check_whole(struct parser *parser)
{
	const struct ph_guest_config *config = parser->config;
	size_t sata = 0, ide = 0;
	*(config->machine == PH_MACHINE_Q35 ? &sata : &ide) = config->iso_count;
	int line = config->iso_count ? config->isos[0].line : 1;
	for (size_t i = 0; i < config->disk_count; i++) {
		if (!check_disk(parser, &config->disks[i])) {
			return false;
		}
		sata += config->disks[i].bus == PH_BUS_SATA;
		ide += config->disks[i].bus == PH_BUS_IDE;
		line = config->disks[i].file.line;
	}
	if (sata > 6 || ide > 4) {
		return fail(parser, line,
		    "disk: too many for the controller (6 on sata, 4 on ide, ISOs "
		    "count); use bus virtio or scsi");
	}
	if (config->machine != PH_MACHINE_MICROVM) {
		return true;
	}
	if (config->iso_count > 0) {
		return fail(parser, config->isos[0].line,
		    "iso: machine microvm has no CD drive; use machine q35");
	}
	if (config->firmware == PH_FIRMWARE_EFI) {
		return fail(parser, parser->firmware_line,
		    "firmware: machine microvm has no efi; use machine q35");
	}
	if (config->display.device >= PH_DISPLAY_VGA) {
		return fail(parser, parser->display_line,
		    "display: machine microvm has virtio displays "
		    "only; use device virtio, or machine q35");
	}
	return true;
}

static bool read_firmware(
    struct parser *parser, const struct scfg_directive *d, const struct key *key, void *target)
{
	parser->firmware_line = d->lineno;
	return read_word(parser, d, key, target);
}

static bool read_all(struct parser *parser, const struct scfg_block *block)
{
	static const struct word machines[] = {{"q35", PH_MACHINE_Q35}, {"pc", PH_MACHINE_PC},
	    {"microvm", PH_MACHINE_MICROVM}, {NULL, 0}};
	static const struct word firmwares[] = {
	    {"bios", PH_FIRMWARE_BIOS}, {"efi", PH_FIRMWARE_EFI}, {NULL, 0}};
	static const struct word pointers[] = {{"absolute", PH_POINTER_DEVICE_ABSOLUTE},
	    {"relative", PH_POINTER_DEVICE_RELATIVE}, {"touch", PH_POINTER_DEVICE_TOUCH},
	    {NULL, 0}};
	static const struct word accels[] = {
	    {"auto", PH_ACCEL_AUTO}, {"kvm", PH_ACCEL_KVM}, {"tcg", PH_ACCEL_TCG}, {NULL, 0}};
	static const struct word agents[] = {{"on", PH_ON}, {"off", PH_OFF}, {NULL, 0}};
	static const struct word networks[] = {
	    {"user", PH_NETWORK_USER}, {"none", PH_NETWORK_NONE}, {NULL, 0}};
	static const struct key keys[] = {
	    {"name", read_text, CONFIG(name), NULL, PH_GUEST_NAME_MAX},
	    {"colour", read_colour},
	    {"edge", read_flag, CONFIG(edge)},
	    {"memory", read_memory, CONFIG(memory)},
	    {"cpus", read_number, CONFIG(cpus), NULL, PH_CPUS_MAX},
	    {"machine", read_word, CONFIG(machine), machines},
	    {"firmware", read_firmware, CONFIG(firmware), firmwares},
	    {"disk", read_disk, .repeatable = true},
	    {"iso", read_iso, .repeatable = true},
	    {"kernel", read_kernel},
	    {"display", read_display},
	    {"pointer", read_word, CONFIG(pointer), pointers},
	    {"accel", read_word, CONFIG(accel), accels},
	    {"agent", read_word, CONFIG(agent), agents},
	    {"network", read_network, CONFIG(network), networks},
	    {"qemu", read_qemu},
	    {NULL},
	};
	return read_block(parser, block, "", keys, parser->config) && check_whole(parser);
}

/*
 * libscfg says what is wrong only on the standard error stream ("scfg: on line
 * 3: ..."), so for the time of the call that is a buffer. Nothing else runs
 * meanwhile: every user of this file has one thread.
 */
static bool parse_block(
    struct parser *parser, struct scfg_block *block, const char *text, size_t size)
{
	char *said = NULL;
	size_t said_size = 0;
	FILE *in = fmemopen((void *)(uintptr_t)text, size, "r");
	FILE *out = open_memstream(&said, &said_size);
	if (!in || !out) {
		abort();
	}
	FILE *saved = stderr;
	stderr = out;
	int r = scfg_parse_file(block, in);
	stderr = saved;
	fclose(in);
	fclose(out);
	if (r != 0) {
		int line = 1;
		const char *what = said;
		const char *at = strstr(said, "on line ");
		if (at) {
			char *end;
			line = (int)strtol(at + strlen("on line "), &end, 10);
			what = *end == ':' ? end + 1 : end;
			what += *what == ' ';
			what += strncmp(what, "scfg: ", 6) == 0 ? 6 : 0;
		}
		fail(parser, line,
		    "syntax: %.*s; expected lines of: key value, with { at a line's end "
		    "and } on its own line",
		    (int)strcspn(what, "\n"), what);
	}
	free(said);
	return r == 0;
}

bool guest_config_parse(struct ph_guest_config *config, const char *file, const char *dir,
    const char *id, const char *text, size_t size, char error[PH_CONFIG_ERROR_MAX])
{
	struct parser parser = {.config = config, .file = file, .dir = dir, .error = error};
	*config = (struct ph_guest_config){.memory = (uint64_t)2 << 30, .cpus = 2, .agent = PH_ON};
	config->display.heads = 1;
	config->name = alloc_string(id);
	error[0] = '\0';
	bool ok = true;
	if (size > PH_GUEST_CONFIG_SIZE_MAX) {
		ok = fail(&parser, 1,
		    "the file has %zu bytes, at most %d are read; is it a guest.scfg?", size,
		    PH_GUEST_CONFIG_SIZE_MAX);
	} else if (memchr(text, '\0', size)) {
		ok = fail(&parser, 1, "the file contains a NUL byte; it must be a text file");
	}
	/* fmemopen() refuses an empty buffer; an empty file is a guest with all defaults */
	struct scfg_block block = {0};
	if (ok && size > 0) {
		ok = parse_block(&parser, &block, text, size) && read_all(&parser, &block);
		scfg_block_finish(&block);
	}
	if (!ok) {
		guest_config_finish(config);
	}
	return ok;
}

void guest_config_finish(struct ph_guest_config *config)
{
	for (size_t i = 0; i < config->disk_count; i++) {
		free(config->disks[i].file.path);
	}
	for (size_t i = 0; i < config->iso_count; i++) {
		free(config->isos[i].path);
	}
	for (size_t i = 0; i < config->arg_count; i++) {
		free(config->args[i]);
	}
	free(config->name);
	free(config->disks);
	free(config->isos);
	free(config->args);
	free(config->kernel.path);
	free(config->initrd.path);
	free(config->cmdline);
	free(config->display.render_node.path);
	free(config->program.path);
	*config = (struct ph_guest_config){0};
}
