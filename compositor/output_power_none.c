// SPDX-License-Identifier: MIT
#include "output_power.h"

bool output_power_init(struct ph_session *session)
{
	return true;
}

void output_power_finish(struct ph_session *session)
{
}
