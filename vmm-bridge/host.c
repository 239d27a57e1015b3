// SPDX-License-Identifier: MIT
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

#define DESCRIPTOR_SIZE_MAX 65536

static bool fail(char *error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool fail(char *error, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(error, PH_HOST_ERROR_MAX, fmt, args);
	va_end(args);
	return false;
}

char *host_find_qemu(const char *configured, const char *search_path, char error[PH_HOST_ERROR_MAX])
{
	if (configured) {
		if (access(configured, X_OK) == 0) {
			return alloc_string(configured);
		}
		fail(error,
		    "QEMU cannot be started: %s: %s; correct the key program of the block qemu",
		    configured, errno == EACCES ? "not executable" : strerror(errno));
		return NULL;
	}
	static const char *const names[] = {"qemu-system-x86_64", "qemu-kvm"};
	char *refused = NULL, *found = NULL;
	for (size_t n = 0; n < 2 && !found; n++) {
		/* qemu-kvm is what Red Hat's systems have, outside of PATH */
		const char *list = n == 0 && search_path ? search_path : "/usr/libexec";
		for (const char *at = list; at && !found;) {
			size_t length = strcspn(at, ":");
			char *path = alloc_format("%.*s/%s", (int)length, at, names[n]);
			struct stat status;
			if (path[0] != '/' || stat(path, &status) < 0 || !S_ISREG(status.st_mode)) {
				free(path);
			} else if (access(path, X_OK) == 0) {
				found = path;
			} else {
				free(refused);
				refused = path;
			}
			at = at[length] ? at + length + 1 : NULL;
		}
	}
	if (!found && refused) {
		fail(error,
		    "QEMU cannot be started: %s is not executable; install its package "
		    "again: qemu-system-x86",
		    refused);
	} else if (!found) {
		fail(error,
		    "QEMU is not installed: no qemu-system-x86_64 in PATH; install the package "
		    "qemu-system-x86 and for its display qemu-system-modules-opengl (Debian) or "
		    "qemu-ui-dbus (Fedora)");
	}
	free(refused);
	return found;
}

bool host_check_kvm(const char *path, char *reason, size_t size)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		const char *what = strerror(errno);
		if (errno == ENOENT || errno == ENODEV) {
			what = "does not exist: switch on virtualization (VT-x, AMD-V, SVM) in the "
			       "computer's firmware";
		} else if (errno == EACCES || errno == EPERM) {
			what = "may not be opened: add your user to the group kvm and log in again";
		}
		snprintf(reason, size, "%s %s", path, what);
		return false;
	}
	bool ok = false;
	int version = ioctl(fd, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION) {
		snprintf(reason, size, "%s is not a usable KVM: its version is %d, expected %d",
		    path, version, KVM_API_VERSION);
		goto out;
	}
	int vm = ioctl(fd, KVM_CREATE_VM, 0);
	if (vm < 0) {
		snprintf(reason, size, "%s makes no virtual machine: %s%s", path, strerror(errno),
		    errno == EBUSY ? "; another hypervisor is running" : "");
		goto out;
	}
	int cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	ok = cpu >= 0;
	if (!ok) {
		snprintf(reason, size, "%s makes no virtual CPU: %s", path, strerror(errno));
	} else {
		close(cpu);
	}
	close(vm);
out:
	close(fd);
	return ok;
}

static int compare_names(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;
	/* by number: renderD128 before renderD1280; a plain sort would do up to there */
	size_t n = strlen(*left), m = strlen(*right);
	return n != m ? (n < m ? -1 : 1) : strcmp(*left, *right);
}

static int compare_strings(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;
	return strcmp(*left, *right);
}

/* Names in dir that begin and end so, sorted by compare. To be freed, with each of them. */
static char **list_names(const char *dir, const char *prefix, const char *suffix, size_t *count,
    int (*compare)(const void *, const void *))
{
	char **names = NULL;
	*count = 0;
	DIR *handle = opendir(dir);
	for (struct dirent *entry; handle && (entry = readdir(handle));) {
		size_t n = strlen(entry->d_name), m = strlen(suffix);
		if (n > m && strcmp(entry->d_name + n - m, suffix) == 0 &&
		    strncmp(entry->d_name, prefix, strlen(prefix)) == 0) {
			names = alloc_array(names, *count + 1, sizeof(*names));
			names[(*count)++] = alloc_string(entry->d_name);
		}
	}
	if (handle) {
		closedir(handle);
	}
	if (*count) {
		qsort(names, *count, sizeof(*names), compare);
	}
	return names;
}

static bool can_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		close(fd);
	}
	return fd >= 0;
}

static char *find_render_node(void)
{
	size_t count;
	char **names = list_names("/dev/dri", "renderD", "", &count, compare_names);
	char *found = NULL;
	for (size_t i = 0; i < count; i++) {
		char *path = alloc_format("/dev/dri/%s", names[i]);
		if (!found && can_open(path)) {
			found = path;
		} else {
			free(path);
		}
		free(names[i]);
	}
	free(names);
	return found;
}

/* A small text file, NUL-terminated, to be freed; NULL with errno. */
static char *read_text(const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return NULL;
	}
	char *text = alloc_zero(max + 1);
	ssize_t n = read(fd, text, max);
	close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

/*
 * The first descriptor, by name, that fits. A name in an earlier directory
 * hides the same name in later ones; that is how a user or an administrator
 * overrides what a package brought.
 */
static void find_firmware(struct ph_firmware *firmware, enum ph_machine machine)
{
	const char *prefix = machine == PH_MACHINE_PC ? "pc-i440fx-" : "pc-q35-";
	const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");
	char *own = config && config[0] == '/'
			? alloc_format("%s/qemu/firmware", config)
			: alloc_format("%s/.config/qemu/firmware", home ? home : "");
	const char *const dirs[] = {own, "/etc/qemu/firmware", "/usr/share/qemu/firmware"};
	char *best = NULL; /* its file name */
	for (size_t d = 0; d < 3; d++) {
		size_t count;
		char **names = list_names(dirs[d], "", ".json", &count, compare_strings);
		for (size_t i = 0; i < count; i++) {
			bool hidden = false;
			for (size_t earlier = 0; earlier < d; earlier++) {
				char *other = alloc_format("%s/%s", dirs[earlier], names[i]);
				hidden = hidden || access(other, F_OK) == 0;
				free(other);
			}
			char *path = alloc_format("%s/%s", dirs[d], names[i]);
			char *text = hidden || (best && strcmp(names[i], best) >= 0)
					 ? NULL
					 : read_text(path, DESCRIPTOR_SIZE_MAX);
			struct ph_firmware found = {0};
			if (text && firmware_parse(&found, text, prefix) == PH_FIRMWARE_FITS &&
			    access(found.code, R_OK) == 0 && access(found.vars, R_OK) == 0) {
				firmware_finish(firmware);
				*firmware = found;
				free(best);
				best = alloc_string(names[i]);
			} else {
				firmware_finish(&found);
			}
			free(text);
			free(path);
			free(names[i]);
		}
		free(names);
	}
	free(best);
	free(own);
}

bool host_probe(struct ph_host *host, const struct ph_guest_config *config, const char *guest_dir,
    char error[PH_HOST_ERROR_MAX])
{
	*host = (struct ph_host){0};
	host->program = host_find_qemu(config->program.path, getenv("PATH"), error);
	if (!host->program) {
		return false;
	}
	host->facts.program = host->program;
	if (config->accel != PH_ACCEL_TCG) {
		host->facts.kvm =
		    host_check_kvm("/dev/kvm", host->kvm_reason, sizeof(host->kvm_reason));
		host->facts.kvm_reason = host->kvm_reason;
	}
	host->render_node = find_render_node();
	host->facts.render_node = host->render_node;
	host->facts.udmabuf = can_open("/dev/udmabuf");
	if (config->firmware == PH_FIRMWARE_EFI) {
		find_firmware(&host->facts.efi, config->machine);
		bool qcow2 = host->facts.efi.vars_format &&
			     strcmp(host->facts.efi.vars_format, "qcow2") == 0;
		host->nvram = alloc_format("%s/nvram.%s", guest_dir, qcow2 ? "qcow2" : "fd");
		host->facts.nvram = host->nvram;
	}
	return true;
}

void host_finish(struct ph_host *host)
{
	firmware_finish(&host->facts.efi);
	free(host->program);
	free(host->render_node);
	free(host->nvram);
	*host = (struct ph_host){0};
}

static bool check_file(const struct ph_config_file *file, const char *key, int access_mode,
    const char *config_file, char *error)
{
	struct stat status;
	if (!file->path) {
		return true;
	}
	if (stat(file->path, &status) < 0 || access(file->path, access_mode) < 0) {
		return fail(error, "%s:%d: %s: %s: %s; correct the path, or create the file",
		    config_file, file->line, key, file->path,
		    errno == EACCES && (access_mode & W_OK) ? "may not be written"
							    : strerror(errno));
	}
	if (S_ISDIR(status.st_mode)) {
		return fail(error, "%s:%d: %s: %s is a directory, expected a file", config_file,
		    file->line, key, file->path);
	}
	return true;
}

bool host_check_files(
    const struct ph_guest_config *config, const char *file, char error[PH_HOST_ERROR_MAX])
{
	for (size_t i = 0; i < config->disk_count; i++) {
		const struct ph_disk *disk = &config->disks[i];
		int mode = disk->read_only || disk->snapshot ? R_OK : R_OK | W_OK;
		if (!check_file(&disk->file, "disk", mode, file, error)) {
			return false;
		}
	}
	for (size_t i = 0; i < config->iso_count; i++) {
		if (!check_file(&config->isos[i], "iso", R_OK, file, error)) {
			return false;
		}
	}
	return check_file(&config->kernel, "kernel", R_OK, file, error) &&
	       check_file(&config->initrd, "initrd", R_OK, file, error) &&
	       check_file(&config->display.render_node, "render-node", R_OK | W_OK, file, error);
}

bool host_prepare_nvram(const char *template, const char *nvram, char error[PH_HOST_ERROR_MAX])
{
	if (access(nvram, F_OK) == 0) {
		return true;
	}
	char *temporary = alloc_format("%s.new", nvram);
	int from = open(template, O_RDONLY | O_CLOEXEC);
	int to = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = from >= 0 && to >= 0;
	ssize_t n = 1;
	while (ok && n > 0) {
		char data[65536];
		n = read(from, data, sizeof(data));
		ok = n >= 0 && (n == 0 || write(to, data, (size_t)n) == n);
	}
	ok = ok && fsync(to) == 0 && rename(temporary, nvram) == 0;
	if (!ok) {
		fail(error, "firmware efi: the guest's variables cannot be made: %s: %s%s", nvram,
		    strerror(errno),
		    errno == ENOSPC ? "; free some space"
				    : "; the guest's directory must be writable");
		unlink(temporary);
	}
	if (from >= 0) {
		close(from);
	}
	if (to >= 0) {
		close(to);
	}
	free(temporary);
	return ok;
}
