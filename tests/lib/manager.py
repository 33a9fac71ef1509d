# SPDX-License-Identifier: Apache-2.0
"""A service manager as small as can be: starts a daemon, hears what it says by sd_notify, keeps its fds under their names,
and starts it again with them.

    manager.py DIR COMMAND...

SIGUSR1 restarts it as systemd does with RestartKillSignal=SIGUSR1, SIGUSR2 kills it and starts it again, SIGTERM stops it and
drops what was kept. Between an end and the next start it waits until there is no file DIR/hold. Lines of DIR/extra are added to
what is passed at the next start: "pipe NAME", "tcp NAME" (listens on 127.0.0.1, here) or "in NETNS NAME" (the same, there).
It writes to DIR: kept (a name a line, for each fd), said (all messages), pid (of the daemon), ended (a status a line)."""
import array
import ctypes
import fcntl
import os
import select
import signal
import socket
import sys

folder, command = sys.argv[1], sys.argv[2:]
NAMES_MAX = 8192
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(folder + "/notify")
notify.setblocking(False)
os.chmod(folder + "/notify", 0o600)
kept = []  # (name, fd)
wanted = []
wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
signal.set_wakeup_fd(wake[1])
for s in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGCHLD):
    signal.signal(s, lambda number, frame: wanted.append(number))


def write(name, text, mode="w"):
    """All of it at once, or at the end."""
    path = f"{folder}/{name}"
    with open(path if mode == "a" else path + ".new", mode, encoding="utf-8") as f:
        f.write(text)
    if mode == "w":
        os.rename(path + ".new", path)


def is_same(a, b):
    return os.path.sameopenfile(a, b) and os.fstat(a).st_ino == os.fstat(b).st_ino


def hear():
    while True:
        try:
            data, control, flags, _ = notify.recvmsg(4096, socket.CMSG_SPACE(253 * 4))
        except BlockingIOError:
            return
        assert not flags & socket.MSG_CTRUNC
        fds = array.array("i")
        for _, kind, body in control:
            if kind == socket.SCM_RIGHTS:
                fds.frombytes(body[: len(body) - len(body) % 4])
        text = data.decode()
        write("said", text.replace("\n", " ") + f" fds={len(fds)}\n", "a")
        take(dict(line.partition("=")[::2] for line in text.split("\n") if line), fds)


def take(says, fds):
    global kept
    if says.get("FDSTORE") == "1":
        for fd in fds:
            if any(is_same(fd, old) for _, old in kept):
                os.close(fd)
            else:
                kept.append((says.get("FDNAME", "stored"), fd))
    else:
        for fd in fds:
            os.close(fd)
    if says.get("FDSTOREREMOVE") == "1":
        for name, fd in kept:
            if name == says["FDNAME"]:
                os.close(fd)
        kept = [k for k in kept if k[0] != says["FDNAME"]]
    write("kept", "".join(name + "\n" for name, _ in kept))


def listener():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    return s.detach()


def make(line):
    kind, _, rest = line.partition(" ")
    if kind == "pipe":
        return rest, os.pipe()[0]
    if kind == "tcp":
        return rest, listener()
    there, _, name = rest.partition(" ")
    libc, home = ctypes.CDLL(None, use_errno=True), os.open("/proc/self/ns/net", os.O_RDONLY)
    inside = os.open("/run/netns/" + there, os.O_RDONLY)
    assert libc.setns(inside, 0x40000000) == 0
    fd = listener()
    assert libc.setns(home, 0x40000000) == 0
    os.close(home)
    os.close(inside)
    return name, fd


def be_daemon(given):
    # First above all that is wanted, then where it is wanted.
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 3 + len(given)) for _, fd in given]
    for i, fd in enumerate(high):
        os.dup2(fd, 3 + i, inheritable=True)
    for i in range(3 + len(given), 3 + 3 * len(given) + 64):
        try:
            os.set_inheritable(i, False)
        except OSError:
            pass
    env = dict(os.environ, NOTIFY_SOCKET=folder + "/notify")
    if given:
        env.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(given)), LISTEN_FDNAMES=":".join(n for n, _ in given))
    if "WATCHDOG_USEC" in env:
        env["WATCHDOG_PID"] = str(os.getpid())
    os.execvpe(command[0], command, env)


def start():
    extra = folder + "/extra"
    if os.path.exists(extra):
        with open(extra, encoding="utf-8") as f:
            kept.extend(make(line.rstrip("\n")) for line in f)
        os.unlink(extra)
    given = kept[:NAMES_MAX]
    pid = os.fork()
    if pid == 0:
        try:
            be_daemon(given)
        finally:
            os._exit(127)
    write("pid", f"{pid}\n")
    return pid


def end(pid, number):
    """Send the signal and hear until the daemon has ended."""
    os.kill(pid, number)
    while True:
        select.select([notify, wake[0]], [], [], 0.05)
        hear()
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            hear()
            write("ended", f"{os.waitstatus_to_exitcode(status)}\n", "a")
            return


def hold():
    while os.path.exists(folder + "/hold"):
        select.select([], [], [], 0.02)


daemon = start()
while True:
    select.select([notify, wake[0]], [], [])
    try:
        os.read(wake[0], 512)
    except BlockingIOError:
        pass
    hear()
    while wanted:
        number = wanted.pop(0)
        if number == signal.SIGCHLD:
            continue
        end(daemon, {signal.SIGUSR1: signal.SIGUSR1, signal.SIGUSR2: signal.SIGKILL}.get(number, signal.SIGTERM))
        if number == signal.SIGTERM:
            sys.exit(0)
        hold()
        daemon = start()
