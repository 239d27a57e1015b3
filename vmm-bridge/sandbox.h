// SPDX-License-Identifier: MIT
#ifndef PH_SANDBOX_H
#define PH_SANDBOX_H

#include <stdbool.h>

/*
 * What the bridge gives up before it reads the first byte that QEMU wrote:
 * new privileges, being traced or dumped, and (where libseccomp is there) all
 * system calls but those of a program that talks over sockets: no file can be
 * opened, no program started, no process traced. A call that is not allowed
 * fails with EPERM.
 *
 * The starter (starter.h) is forked before and is not affected, nor is QEMU.
 *
 * What it is not: a bridge that was taken over still has QEMU's control socket,
 * and QEMU can open what its user can. It holds the bridge to its own guest.
 *
 * False: logged; the bridge must not go on.
 */
bool sandbox_enter(void);

#endif
