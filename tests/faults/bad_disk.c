/* A disk that fails on demand, for one folder: loaded before libc, it counts what a process writes below FAULT_ROOT and,
 * from or at the chosen write on, refuses it, tears it, or ends the process. Armed by fault_arm(); silent until then.
 * With FAULT_CLOCK the wall clock is off by so many seconds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NONE, KILL, TORN, FULL, BAD, QUOTA, READONLY, DENIED, BAD_ONCE };

static long counted, chosen;
static int kind;
static const char *root;
static long ahead;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    const char *clock = getenv("FAULT_CLOCK");
    root = getenv("FAULT_ROOT");
    ahead = clock ? atol(clock) : 0;
}

void fault_arm(long nth, int how) { counted = 0; chosen = nth; kind = how; }
long fault_count(void) { return counted; }

static void end(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

static int below(const char *path) {
    size_t length = root ? strlen(root) : 0;
    return length && !strncmp(path, root, length);
}

static int below_fd(int fd) {
    char link[64], path[4096];
    ssize_t length;
    int kept = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    errno = kept;
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

/* 0: go on; 1: tear; else the errno to refuse with. */
static int next(void) {
    long now = ++counted;
    if (!kind || !chosen || now < chosen) return 0;
    if (kind == KILL) end();
    if (kind == TORN) return -1;
    if (kind == BAD_ONCE) return now == chosen ? EIO : 0;
    return kind == FULL ? ENOSPC : kind == BAD ? EIO : kind == QUOTA ? EDQUOT : kind == READONLY ? EROFS : EACCES;
}

/* A full disk still lets files shrink and go; so does a quota. */
static int refuses(int error, int growing) {
    return error > 0 && (growing || (error != ENOSPC && error != EDQUOT));
}

#define WRITE(call, size_name, ...)                                        \
    if (below_fd(fd)) {                                                    \
        int error = next();                                                \
        if (error < 0) { size_name = size_name / 2; (void)!(call); end(); } \
        if (refuses(error, 1)) { errno = error; return -1; }               \
    }                                                                      \
    return call;

ssize_t write(int fd, const void *data, size_t size) { WRITE(REAL(write)(fd, data, size), size) }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { WRITE(REAL(pwrite)(fd, data, size, at), size) }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { WRITE(REAL(pwrite64)(fd, data, size, at), size) }

#define PLAIN(condition, growing, call)                        \
    if (condition) {                                           \
        int error = next();                                    \
        if (error < 0) end();                                  \
        if (refuses(error, growing)) { errno = error; return -1; } \
    }                                                          \
    return call;

int fsync(int fd) { PLAIN(below_fd(fd), 0, REAL(fsync)(fd)) }
int fdatasync(int fd) { PLAIN(below_fd(fd), 0, REAL(fdatasync)(fd)) }
int ftruncate(int fd, off_t size) { PLAIN(below_fd(fd), 0, REAL(ftruncate)(fd, size)) }
int ftruncate64(int fd, off64_t size) { PLAIN(below_fd(fd), 0, REAL(ftruncate64)(fd, size)) }
int rename(const char *from, const char *to) { PLAIN(below(to), 0, REAL(rename)(from, to)) }
int link(const char *from, const char *to) { PLAIN(below(to), 1, REAL(link)(from, to)) }
int unlink(const char *path) { PLAIN(below(path), 0, REAL(unlink)(path)) }
int rmdir(const char *path) { PLAIN(below(path), 0, REAL(rmdir)(path)) }
int mkdir(const char *path, mode_t mode) { PLAIN(below(path), 1, REAL(mkdir)(path, mode)) }

#define OPEN(name)                                                                              \
    int name(const char *path, int flags, ...) {                                                \
        va_list rest;                                                                           \
        mode_t mode;                                                                            \
        va_start(rest, flags);                                                                  \
        mode = va_arg(rest, mode_t);                                                            \
        va_end(rest);                                                                           \
        PLAIN((flags & (O_WRONLY | O_RDWR)) && below(path), flags & O_CREAT, REAL(name)(path, flags, mode)) \
    }
OPEN(open)
OPEN(open64)

int clock_gettime(clockid_t which, struct timespec *now) {
    int done = REAL(clock_gettime)(which, now);
    if (ahead && !done && which == CLOCK_REALTIME) now->tv_sec += ahead;
    return done;
}
