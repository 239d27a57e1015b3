// SPDX-License-Identifier: MIT
#ifndef PH_DECLARED_H
#define PH_DECLARED_H

struct ph_session;

/*
 * Does what session.scfg's `layout` says of the monitors that are here, once for
 * each set of monitors: after that they are the person's to arrange, until the
 * configuration is read again or the session is.
 */
void declared_apply(struct ph_session *session);

/* The configuration is another one: its layouts are to be done again. */
void declared_renew(struct ph_session *session);

#endif
