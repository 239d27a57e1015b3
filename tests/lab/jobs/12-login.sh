#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=1500
# Logging in as people do: greetd's own greeter on a console, a password typed by
# the outer keyboard, the session that the login manager's list names; and what
# the login's other services get of it. And once more: what was arranged is back, and
# a guest that ran was powered off by its power button, as a computer is. So it is when
# logind stops the session, as it does when the computer shuts down.
. /src/tests/lab/job.sh

if ! command -v greetd >/dev/null; then
  echo 'ok a login through greetd # SKIP the package greetd is not installed'
  exit
fi
vt=7
home=/home/alice
entry=/usr/share/wayland-sessions/phyllome.desktop
virtio=$(virtio_card)
program=$(sed -n 's/^Exec=//p' $entry)
check 'the session stands in the list of login managers' test -x "$program"
cat >/etc/greetd/config.toml <<END
[terminal]
vt = $vt
[default_session]
command = "$(command -v agreety) --cmd $program"
user = "_greetd"
END
echo "export WLR_RENDERER=pixman WLR_DRM_DEVICES=$virtio" >$home/.profile
units=$home/.config/systemd/user
install -d -o alice $home/.config $home/.config/systemd $units $units/graphical-session.target.wants
# A service as a desktop has them: it needs the screens, and ends with the session.
cat >$units/probe.service <<END
[Unit]
PartOf=graphical-session.target
After=graphical-session.target
[Service]
ExecStart=sh -c 'wlr-randr >$home/probe-screens; env >$home/probe-env; exec sleep infinity'
ExecStop=sh -c 'sleep 1; wlr-randr >$home/probe-good-bye'
ExecStopPost=touch $home/probe-end
END
ln -s ../probe.service $units/graphical-session.target.wants/
# And one that D-Bus starts.
install -d -o alice $home/.local $home/.local/share $home/.local/share/dbus-1 $home/.local/share/dbus-1/services
cat >$home/.local/share/dbus-1/services/org.example.Probe.service <<END
[D-BUS Service]
Name=org.example.Probe
Exec=/bin/sh -c 'env >$home/probe-bus'
END
rm -rf $home/.local/share/phyllome $home/.local/state/phyllome
chown -R alice: $home
# Two guests without their disks: they are lost at once and take no time, but have their places.
python3 - <<END
import sys
sys.path.insert(0, '/src/tests/lab')
from inside import write_guest
for name in ('one', 'two'):
    write_guest(name, 'disk missing.qcow2\\n')
END
# And one that runs, whose processor is qtest-guest.
person() { python3 /src/tests/lab/login.py "$@"; }
person write

console() { tr -s '\0 ' '\n' </dev/vcs$vt; }
asks_for() { console | tail -n 4 | grep -q "$1"; }
control() { varlinkctl --json=short call /run/user/1000/phyllome/control "org.phyllome.Session.$1" '{}'; }
shown() { control ListOutputs | grep -q '"presented":[1-9]'; }
as_alice() { runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus "$@"; }
target_is() { [ "$(as_alice systemctl --user is-active graphical-session.target)" = "$1" ]; }
ctl() { as_alice phyllomectl "$@"; }
layout() {
  ctl outputs --json | python3 -c '
import json, sys
for output in json.load(sys.stdin):
    print(output["name"], [(cell["guest"], cell["x"], cell["focused"]) for cell in output["cells"]], output["focused"])'
}
layout_is() { [ "$(layout)" = "$1" ]; }
log_in() { # PASSWORD
  wait_for 400 asks_for 'login:' && outer type alice >/dev/null && outer press ret >/dev/null &&
    wait_for 400 asks_for 'Password:' && outer type "$1" >/dev/null && outer press ret >/dev/null
}

# Also after a failure, which the jobs that follow know nothing of.
clean_up() {
  systemctl stop greetd.service
  python3 -c 'import fcntl; fcntl.ioctl(open("/dev/tty0", "wb"), 0x5606, 1)' # VT_ACTIVATE
  rm -rf $home/.profile $home/.config $home/.local $home/probe-*
}
trap clean_up EXIT
systemctl daemon-reload
systemctl start greetd.service
wait_for 400 asks_for 'login:' || {
  not_ok 'the greeter asks who it is' "the console shows: $(console | tr '\n' ' ')"
  journalctl -b --no-pager -u greetd.service | tail -n 20
  exit 1
}
ok 'the greeter asks who it is'
log_in wrong
sleep 4
check 'a wrong password does not log in' sh -c '! pgrep -x phyllome-sessio'
log_in alice
check 'the right one shows the session' wait_for 400 shown
outer screendump gpu0 0 login
session=$(loginctl list-sessions --no-legend | awk '$3 == "alice" && $4 == "seat0" { print $1 }' | head -n 1)
loginctl show-session "$session" -p Name -p Service -p Seat -p VTNr -p Active -p State -p Class
check 'it is a session of logind, through greetd' test "$(loginctl show-session "$session" -p Service --value)" = greetd
check 'it is the active one of the seat' test "$(loginctl show-session "$session" -p Active --value)" = yes
check 'the compositor is the ordinary user' test "$(ps -o user= -C phyllome-compos)" = alice
check 'graphical-session.target is up' wait_for 30 target_is active
check 'its service ran' wait_for 30 test -s $home/probe-env
check 'with the environment of the session' grep -qx 'WAYLAND_DISPLAY=wayland-0' $home/probe-env
check 'which names the desktop' grep -qx 'XDG_CURRENT_DESKTOP=Phyllome' $home/probe-env
check 'and finds the screens' grep -q '^Virtual-' $home/probe-screens
as_alice busctl --user call org.example.Probe / org.example.Probe Probe >/dev/null 2>&1
check 'D-Bus starts services with it' grep -qx 'WAYLAND_DISPLAY=wayland-0' $home/probe-bus

# One half of the monitor for each of them, the second one left, and the keys go to the first.
for command in 'show one' split 'focus right' 'show-here two' 'move left' 'focus right'; do
  # shellcheck disable=SC2086
  check "phyllomectl $command" ctl $command
done
arranged=$(layout)
say "arranged: $arranged"
check 'the two guests have changed places' grep -q "'two', 0, False), ('one', [1-9][0-9]*, True)" <<<"$arranged"

run_guest() {
  rm -f /run/login-guest
  person obey &
  obeys=$!
}
run_guest
check 'a guest runs that nobody sees' wait_for 400 test -e /run/login-guest

outer press meta_l shift e
check 'its key logs out, and the greeter is back' wait_for 400 asks_for 'login:'
check 'the service was stopped' wait_for 20 test -e $home/probe-end
# The last login's end is the end of the user's manager as well.
check 'graphical-session.target is down' wait_for 20 sh -c '! runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/1000 systemctl --user is-active -q graphical-session.target 2>/dev/null'
check 'the environment is taken back' sh -c '! runuser -u alice -- env XDG_RUNTIME_DIR=/run/user/1000 systemctl --user show-environment | grep -q WAYLAND_DISPLAY'
check 'no leftovers' wait_for 20 sh -c '! pgrep -u alice "phyllome|sleep|qemu"'
if wait $obeys; then ok 'the guest had its button pressed, and time to power off'; else not_ok 'the guest powers off' 'see above'; fi

log_in alice
check 'logged in again, the screen is there' wait_for 400 shown
check 'the layout is the one that was left' wait_for 400 layout_is "$arranged"
say "found: $(layout)"
outer screendump gpu0 0 login-again
person again

run_guest
check 'it runs once more' wait_for 400 test -e /run/login-guest
session=$(loginctl list-sessions --no-legend | awk '$3 == "alice" && $4 == "seat0" { print $1 }' | head -n 1)
machine=$(pgrep -u alice qemu)
scope=$(loginctl show-session "$session" -p Scope --value)
check 'its machine is in the scope of the session' grep -q "/$scope\$" "/proc/$machine/cgroup"
loginctl terminate-session "$session"
if wait $obeys; then ok 'logind stops the session: the guest has its button pressed, and its time'; else not_ok 'logind stops the session, and the guest powers off' 'see above'; fi
check 'nothing is left of that' wait_for 60 sh -c '! pgrep -u alice "phyllome|sleep|qemu"'
journalctl -b --no-pager -o cat -u "$scope" | tail -n 20

rm -f $home/probe-end $home/probe-good-bye
wait_for 400 asks_for 'login:'
log_in alice
check 'and a third time' wait_for 400 shown
check 'with its service' wait_for 60 target_is active
kill "$(pgrep -u alice phyllome-sessio)"
check 'told to end, the session ends' wait_for 60 sh -c '! pgrep -u alice phyllome'
check 'its service was stopped before' test -e $home/probe-end
check 'and had its screens until then' grep -q '^Virtual-' $home/probe-good-bye
journalctl -b --no-pager -o cat _COMM=phyllome-sessio _COMM=phyllome-compos 2>/dev/null | tail -n 20
