// SPDX-License-Identifier: MIT
#include "appearance.h"

#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <wlr/util/log.h>

#include "home_screen.h"
#include "session.h"

#define SERVICE "org.freedesktop.portal.Desktop"
#define PATH "/org/freedesktop/portal/desktop"
#define SETTINGS "org.freedesktop.portal.Settings"
#define NAMESPACE "org.freedesktop.appearance"

/* Values of the portal's interface. */
#define SCHEME_LIGHT 2
#define CONTRAST_HIGHER 1

static void take(struct ph_session *session, const char *key, uint32_t value)
{
	struct ph_appearance *appearance = &session->appearance;
	bool light = appearance->light, contrast = appearance->contrast;

	if (strcmp(key, "color-scheme") == 0) {
		light = value == SCHEME_LIGHT;
	} else if (strcmp(key, "contrast") == 0) {
		contrast = value == CONTRAST_HIGHER;
	}
	if (light == appearance->light && contrast == appearance->contrast) {
		return;
	}
	appearance->light = light;
	appearance->contrast = contrast;
	wlr_log(WLR_INFO, "theme: %s is preferred, %s contrast", light ? "light" : "dark",
	    contrast ? "higher" : "usual");
	home_screen_renew_theme(session);
}

/* At key and its value, a{sv}'s entry or a signal's rest. Values of other types are not for us. */
static int read_setting(struct ph_session *session, sd_bus_message *message)
{
	const char *key, *contents;
	char type;
	uint32_t value;
	int status = sd_bus_message_read(message, "s", &key);

	if (status < 0 || (status = sd_bus_message_peek_type(message, &type, &contents)) < 0) {
		return status;
	}
	if (type != 'v' || strcmp(contents, "u") != 0) {
		return sd_bus_message_skip(message, "v");
	}
	if ((status = sd_bus_message_read(message, "v", "u", &value)) >= 0) {
		take(session, key, value);
	}
	return status;
}

/* The rest of an entry of ReadAll's answer: a name and a{sv}. */
static int read_namespace(struct ph_session *session, sd_bus_message *message)
{
	const char *name;
	int status = sd_bus_message_read(message, "s", &name);

	if (status < 0 || strcmp(name, NAMESPACE) != 0) {
		return status < 0 ? status : sd_bus_message_skip(message, "a{sv}");
	}
	status = sd_bus_message_enter_container(message, 'a', "{sv}");
	while (status >= 0 && (status = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
		if ((status = read_setting(session, message)) >= 0) {
			status = sd_bus_message_exit_container(message);
		}
	}
	return status < 0 ? status : sd_bus_message_exit_container(message);
}

static int handle_all(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	const sd_bus_error *problem = sd_bus_message_get_error(reply);
	int status;

	if (problem) {
		wlr_log(WLR_INFO, "theme: no portal tells what is preferred: %s", problem->message);
		return 0;
	}
	status = sd_bus_message_enter_container(reply, 'a', "{sa{sv}}");
	while (status >= 0 && (status = sd_bus_message_enter_container(reply, 'e', "sa{sv}")) > 0) {
		if ((status = read_namespace(data, reply)) >= 0) {
			status = sd_bus_message_exit_container(reply);
		}
	}
	if (status < 0) {
		wlr_log(WLR_ERROR, "theme: the portal's answer is not what its interface says: %s",
		    strerror(-status));
	}
	return 0;
}

static int handle_changed(sd_bus_message *message, void *data, sd_bus_error *error)
{
	const char *namespace;

	if (sd_bus_message_read(message, "s", &namespace) >= 0 &&
	    strcmp(namespace, NAMESPACE) == 0) {
		read_setting(data, message);
	}
	return 0;
}

static void ask(struct ph_session *session)
{
	sd_bus_message *message = NULL;
	int status = sd_bus_message_new_method_call(
	    session->appearance.bus, &message, SERVICE, PATH, SETTINGS, "ReadAll");

	if (status >= 0 && (status = sd_bus_message_set_auto_start(message, 0)) >= 0 &&
	    (status = sd_bus_message_append(message, "as", 1, NAMESPACE)) >= 0) {
		status = sd_bus_call_async(
		    session->appearance.bus, NULL, message, handle_all, session, 0);
	}
	if (status < 0) {
		wlr_log(WLR_ERROR, "theme: cannot ask the portal: %s", strerror(-status));
	}
	sd_bus_message_unref(message);
}

/* A portal has come, gone, or been replaced. */
static int handle_owner(sd_bus_message *message, void *data, sd_bus_error *error)
{
	const char *name, *before, *after;

	if (sd_bus_message_read(message, "sss", &name, &before, &after) >= 0 && after[0]) {
		ask(data);
	}
	return 0;
}

static void begin(struct ph_session *session)
{
	struct ph_appearance *appearance = &session->appearance;
	int status;

	if ((status = sd_bus_open_user(&appearance->bus)) < 0 ||
	    (status = sd_bus_attach_event(appearance->bus, session->control.event, 0)) < 0 ||
	    (status = sd_bus_add_match_async(appearance->bus, NULL,
		 "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
		 "member='NameOwnerChanged',arg0='" SERVICE "'",
		 handle_owner, NULL, session)) < 0 ||
	    (status = sd_bus_match_signal_async(appearance->bus, NULL, SERVICE, PATH, SETTINGS,
		 "SettingChanged", handle_changed, NULL, session)) < 0) {
		wlr_log(
		    WLR_INFO, "theme: no user bus (%s): no preference is known", strerror(-status));
		appearance->bus = sd_bus_close_unref(appearance->bus);
		return;
	}
	ask(session);
	/* It goes out now; the loop does the rest. */
	while (sd_event_run(session->control.event, 0) > 0) {
	}
}

static void end(struct ph_appearance *appearance)
{
	if (appearance->bus) {
		sd_bus_detach_event(appearance->bus);
		appearance->bus = sd_bus_close_unref(appearance->bus);
	}
	appearance->light = appearance->contrast = false;
}

void appearance_apply_config(struct ph_session *session)
{
	bool wanted = session->config.theme.scheme == PH_SCHEME_AUTO;

	if (wanted && !session->appearance.bus) {
		begin(session);
	} else if (!wanted) {
		end(&session->appearance);
	}
}

bool appearance_init(struct ph_session *session)
{
	appearance_apply_config(session);
	return true;
}

void appearance_finish(struct ph_session *session)
{
	end(&session->appearance);
}
