/*
 * LD_PRELOAD library that pulls the power at a flush to disk: fsync and fdatasync of chosen files are counted, and
 * the process is killed at one of them.
 *
 *   KILLER_SUFFIX=.ledger,.ledger-wal   files whose path ends so; * for every file
 *   KILLER_AT=N                         SIGKILL at the Nth such flush; absent: never
 *   KILLER_WHEN=before|after            before it reaches the disk (the default), or right after
 *   KILLER_LOG=FILE                     one line a flush: its number, the function, the path
 *   KILLER_FREEZE=1                     SIGSTOP before each such flush, behind its line in the log: what lies on the
 *                                       disk while the process stands still is what SIGKILL would leave
 *
 * A process that was started as "second-look" writes nothing and is left alone: who stops it stops the one that waits for it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "second_look.h"

static unsigned long hits;

static int ends_with_one_of(const char *path, const char *suffixes)
{
    size_t length = strlen(path);
    if (!strcmp(suffixes, "*"))
        return 1;
    while (*suffixes) {
        size_t one = strcspn(suffixes, ",");
        if (one > 0 && one <= length && !memcmp(path + length - one, suffixes, one))
            return 1;
        suffixes += one + (suffixes[one] == ',');
    }
    return 0;
}

static int path_of(int file, char *path, size_t room)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, room - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return 1;
}

static void write_log(const char *log, unsigned long hit, const char *function, const char *path)
{
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%lu %s %s\n", hit, function, path);
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || write(file, line, (size_t)length) != length)
        abort();
    close(file);
}

static int flush(const char *function, int file)
{
    const char *suffixes = getenv("KILLER_SUFFIX"), *at = getenv("KILLER_AT"), *when = getenv("KILLER_WHEN");
    const char *log = getenv("KILLER_LOG");
    char path[PATH_MAX];
    int (*real)(int);
    *(void **)&real = dlsym(RTLD_NEXT, function);
    if (!suffixes || is_second_look() || !path_of(file, path, sizeof path) || !ends_with_one_of(path, suffixes))
        return real(file);

    unsigned long hit = __atomic_add_fetch(&hits, 1, __ATOMIC_SEQ_CST);
    int last = at && strtoul(at, NULL, 10) == hit;
    if (log)
        write_log(log, hit, function, path);
    if (getenv("KILLER_FREEZE"))
        raise(SIGSTOP);
    if (last && !(when && !strcmp(when, "after")))
        kill(getpid(), SIGKILL);
    int result = real(file);
    if (last)
        kill(getpid(), SIGKILL);
    return result;
}

#define EXPORT __attribute__((visibility("default")))

EXPORT int fsync(int file)
{
    return flush("fsync", file);
}

EXPORT int fdatasync(int file)
{
    return flush("fdatasync", file);
}
