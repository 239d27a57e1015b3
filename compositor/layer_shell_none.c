// SPDX-License-Identifier: MIT
#include "layer_shell.h"

#include <wlr/types/wlr_output_layout.h>

#include "output.h"
#include "session.h"

bool layer_shell_init(struct ph_session *session)
{
	return true;
}

void layer_shell_finish(struct ph_session *session)
{
}

void layer_shell_arrange(struct ph_session *session)
{
}

void layer_shell_usable(
    struct ph_session *session, const struct ph_output *output, struct wlr_box *box)
{
	wlr_output_layout_get_box(session->outputs.layout, output->wlr_output, box);
}

struct wlr_surface *layer_shell_target(struct ph_session *session)
{
	return NULL;
}

void layer_shell_note_click(struct ph_session *session, struct wlr_surface *surface)
{
}

void layer_shell_settle(struct ph_session *session)
{
}
