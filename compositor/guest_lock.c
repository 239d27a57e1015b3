// SPDX-License-Identifier: MIT
#include "guest_lock.h"

#include <fcntl.h>
#include <linux/fscrypt.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool guest_lock_judge(uint8_t version, uint32_t status, bool readable)
{
	if (status == FSCRYPT_KEY_STATUS_PRESENT) {
		return false;
	}
	/* A key of the first version may be in a keyring of the process, of which the file system does not know. */
	if (version == FSCRYPT_POLICY_V1) {
		return !readable;
	}
	/* Also while it is being removed: what is open still works, nothing else can be opened. */
	return true;
}

/* Whose key is asked for; false: the directory is not encrypted, or by a policy that is not known here. */
static bool read_policy(int fd, uint8_t *version, struct fscrypt_key_specifier *key)
{
	struct fscrypt_get_policy_ex_arg policy = {.policy_size = sizeof(policy.policy)};

	if (ioctl(fd, FS_IOC_GET_ENCRYPTION_POLICY_EX, &policy) < 0) {
		return false;
	}
	*version = policy.policy.version;
	switch (*version) {
	case FSCRYPT_POLICY_V1:
		key->type = FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR;
		memcpy(key->u.descriptor, policy.policy.v1.master_key_descriptor, sizeof(key->u.descriptor));
		return true;
	case FSCRYPT_POLICY_V2:
		key->type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER;
		memcpy(key->u.identifier, policy.policy.v2.master_key_identifier, sizeof(key->u.identifier));
		return true;
	}
	return false;
}

bool guest_lock_is_locked(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct fscrypt_get_key_status_arg status = {0};
	uint8_t version = 0;
	bool locked = false;

	if (fd < 0) {
		return false;
	}
	if (read_policy(fd, &version, &status.key_spec) && ioctl(fd, FS_IOC_GET_ENCRYPTION_KEY_STATUS, &status) == 0) {
		locked = guest_lock_judge(version, status.status, faccessat(fd, "guest.scfg", F_OK, 0) == 0);
	}
	close(fd);
	return locked;
}
