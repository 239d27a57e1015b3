// SPDX-License-Identifier: MIT
#include "login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spawn.h"

/* Services get so long to end at log out, and systemd to take anything else. */
#define STOP_MS 5000
#define UNSET_MS 2000

#define TARGET "phyllome-session.target"
#define VARIABLES                                                                                  \
	"WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP", "XDG_SESSION_DESKTOP", "XDG_SESSION_TYPE"
#define VARIABLE_COUNT 4

static const char *const variables[VARIABLE_COUNT] = {VARIABLES};
static const char *const import[] = {"systemctl", "--user", "import-environment", VARIABLES, NULL};
static const char *const start[] = {"systemctl", "--user", "start", "--no-block", TARGET, NULL};
static const char *const stop[] = {"systemctl", "--user", "stop", TARGET, NULL};
static const char *const unset[] = {"systemctl", "--user", "unset-environment", VARIABLES, NULL};

/* D-Bus has an environment of its own for the services that it starts itself. */
static const char *const update[] = {"busctl", "--user", "--quiet", "call", "org.freedesktop.DBus",
    "/org/freedesktop/DBus", "org.freedesktop.DBus", "UpdateActivationEnvironment", "a{ss}", "4"};
#define UPDATE_COUNT (sizeof(update) / sizeof(update[0]))

/* A path below XDG_RUNTIME_DIR, to be freed. */
static char *runtime_path(const char *name)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *path;

	if (asprintf(&path, "%s/%s", runtime ? runtime : "", name) < 0)
		abort();
	return path;
}

static bool runtime_has(const char *name)
{
	char *path = runtime_path(name);
	bool has = access(path, F_OK) == 0;

	free(path);
	return has;
}

static pid_t run(const struct ph_login *login, const char *const *argv)
{
	struct ph_spawn spawn = {.argv = argv, .env = (const char *const *)login->env};
	pid_t pid = spawn_program(&spawn);

	return pid > 0 ? pid : 0;
}

static const char *get(const struct ph_login *login, const char *name)
{
	size_t length = strlen(name);

	for (char **at = login->env; *at; at++)
		if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
			return *at + length + 1;
	return "";
}

/* D-Bus cannot forget a variable: it gets an empty one then. */
static pid_t run_update(const struct ph_login *login, bool set)
{
	const char *argv[UPDATE_COUNT + 2 * VARIABLE_COUNT + 1];
	size_t count = UPDATE_COUNT;

	memcpy(argv, update, sizeof(update));
	for (size_t i = 0; i < VARIABLE_COUNT; i++) {
		argv[count++] = variables[i];
		argv[count++] = set ? get(login, variables[i]) : "";
	}
	argv[count] = NULL;
	return runtime_has("bus") ? run(login, argv) : 0;
}

/* What is to be done next; a program that does not start is left out. */
static void go_on(struct ph_login *login)
{
	login->pid = 0;
	while (login->pid == 0 && login->next < 3) {
		switch (login->next++) {
		case 0:
			login->pid = run_update(login, true);
			break;
		case 1:
			login->pid = run(login, import);
			break;
		default:
			login->pid = run(login, start);
		}
	}
}

/* The name of the compositor's socket; "" if it has none. */
static void read_display(char *name, size_t size)
{
	char *path = runtime_path("phyllome/wayland-display");
	FILE *file = fopen(path, "re");

	if (!file || !fgets(name, (int)size, file))
		name[0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	if (file)
		fclose(file);
	free(path);
}

void login_announce(struct ph_login *login)
{
	static const char *const all[] = {"*", NULL};
	char name[256], setting[sizeof(name) + 32];

	read_display(name, sizeof(name));
	if (login->nested || !name[0])
		return;
	if (!runtime_has("systemd/private")) {
		if (!login->explained)
			fprintf(stderr,
			    "phyllome-session: this login has no user manager of systemd, "
			    "and so no graphical-session.target\n");
		login->explained = true;
		return;
	}
	snprintf(setting, sizeof(setting), "WAYLAND_DISPLAY=%s", name);
	spawn_env_destroy(login->env);
	login->env = spawn_env_create(environ, all, (const char *const[]){setting, NULL});
	login->announced = true;
	login->next = 0;
	if (login->pid == 0)
		go_on(login);
}

bool login_handle_end(struct ph_login *login, pid_t pid)
{
	if (pid != login->pid || pid == 0)
		return false;
	go_on(login);
	return true;
}

static void end_one(pid_t pid, struct ph_children *children, uint64_t ms)
{
	if (pid > 0 && !children_wait_one(children, pid, ms))
		children_end_one(children, pid, 0);
}

void login_end(struct ph_login *login, struct ph_children *children)
{
	if (!login->announced)
		return;
	/* What is on its way must not come after what takes it back. */
	end_one(login->pid, children, UNSET_MS);
	login->pid = 0;
	end_one(run(login, stop), children, STOP_MS);
	end_one(run_update(login, false), children, UNSET_MS);
	end_one(run(login, unset), children, UNSET_MS);
	login->announced = false;
}

void login_finish(struct ph_login *login)
{
	spawn_env_destroy(login->env);
	*login = (struct ph_login){0};
}
