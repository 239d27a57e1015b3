// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_LOCK_H
#define PH_GUEST_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The padlock on a guest: a directory that is encrypted by the file system
 * (fscrypt: ext4, f2fs, ubifs, CephFS) cannot be read until somebody gives the
 * kernel its key, for instance with the tool fscrypt or at login. Source:
 * Documentation/filesystems/fscrypt.rst of Linux.
 */

/*
 * Whether the directory is encrypted and its key is not here. False also where
 * that cannot be told: no such directory, no permission, a file system without
 * encryption. Two or three system calls; never waits for anything but the disk.
 */
bool guest_lock_is_locked(const char *dir);

/*
 * What the kernel's answers mean: version of the policy (FSCRYPT_POLICY_V1 or
 * V2), status of its key (FSCRYPT_KEY_STATUS_*), and whether guest.scfg is seen
 * in the directory. Pure.
 */
bool guest_lock_judge(uint8_t version, uint32_t status, bool readable);

#endif
