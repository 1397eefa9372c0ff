"""What Windows has not, and some of it macOS neither."""

MODULES = {"crypt", "curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource"}
MODULES |= {"syslog", "termios", "tty"}
OS = {
    *("sched_getaffinity", "sched_setaffinity", "fork", "forkpty", "getuid", "geteuid", "getgid"),
    *("getegid", "setsid", "killpg", "getpgid", "nice", "mkfifo", "mknod", "chown", "lchown"),
    *("fchown", "chroot", "statvfs", "fstatvfs", "sync", "fdatasync", "getloadavg", "uname"),
    *("pread", "pwrite", "sendfile", "posix_fadvise", "posix_fallocate", "memfd_create", "pipe2"),
    *("O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_SYNC", "O_CLOEXEC", "O_TMPFILE", "O_PATH"),
}
SIGNAL = {
    *("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGQUIT", "SIGALRM", "SIGCHLD", "SIGSTOP"),
    *("SIGPIPE", "alarm", "setitimer", "sigwait", "pthread_sigmask", "pthread_kill", "pause"),
}
