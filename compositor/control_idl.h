// SPDX-License-Identifier: MIT
#ifndef PH_CONTROL_IDL_H
#define PH_CONTROL_IDL_H

#include <systemd/sd-varlink-idl.h>

#define PH_CONTROL_INTERFACE "org.phyllome.Session"

/* The control socket's interface, as `varlinkctl introspect` prints it. */
extern const sd_varlink_interface control_interface;

#endif
