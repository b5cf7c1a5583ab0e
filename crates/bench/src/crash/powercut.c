/* Remembers what was synced. Loaded before libc: writes go to the file and to a list; a sync brings a second file,
 * NAME.synced, to what the first holds. After a power cut the second is what the disk would hold. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FDS 4096
#define FILES 16
#define CHUNK 65536

struct range { off_t from, to; };
/* By path, not by descriptor: a sync writes out what any descriptor of the file has written. */
struct file { char path[512]; struct range *dirty; size_t count, room; off_t cut; };

static struct file files[FILES];
/* Of each descriptor: 0 not looked at, -1 not ours, else the number of its file, from 1. */
static int known[FDS];
/* Recursive: keeping a file closes files. */
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static int named(const char *path) {
    for (int n = 0; n < FILES; n++) {
        if (files[n].path[0] == 0) {
            strcpy(files[n].path, path);
            files[n].cut = -1;
        }
        if (strcmp(files[n].path, path) == 0) return n + 1;
    }
    return -1;
}

static struct file *find(int fd) {
    if (fd < 0 || fd >= FDS) return NULL;
    if (known[fd] == 0) {
        char link[64], path[512];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, path, sizeof path - 1);
        path[n > 0 ? n : 0] = 0;
        const char *folder = getenv("POWERCUT_FOLDER");
        size_t length = n > 0 ? strlen(path) : 0;
        int ours = folder && length && strncmp(path, folder, strlen(folder)) == 0 &&
                   ((length > 3 && strcmp(path + length - 3, ".db") == 0) ||
                    (length > 4 && strcmp(path + length - 4, "-wal") == 0));
        known[fd] = ours ? named(path) : -1;
    }
    return known[fd] > 0 ? &files[known[fd] - 1] : NULL;
}

static void note(int fd, off_t from, size_t size) {
    pthread_mutex_lock(&lock);
    struct file *f = find(fd);
    if (f) {
        if (f->count == f->room) {
            f->room = f->room ? f->room * 2 : 64;
            f->dirty = realloc(f->dirty, f->room * sizeof *f->dirty);
        }
        f->dirty[f->count++] = (struct range){from, from + (off_t)size};
    }
    pthread_mutex_unlock(&lock);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    ssize_t written = real(fd, data, size, at);
    if (written > 0) note(fd, at, (size_t)written);
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }

int ftruncate64(int fd, off_t size) {
    static int (*real)(int, off_t);
    if (!real) real = dlsym(RTLD_NEXT, "ftruncate64");
    int result = real(fd, size);
    pthread_mutex_lock(&lock);
    struct file *f = find(fd);
    if (f && result == 0) f->cut = size;
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

/* Brings the second file to what the first holds. */
static void keep(int fd) {
    static ssize_t (*write_at)(int, const void *, size_t, off_t);
    if (!write_at) write_at = dlsym(RTLD_NEXT, "pwrite64");
    struct file *f = find(fd);
    if (!f) return;
    char name[600];
    snprintf(name, sizeof name, "%s.synced", f->path);
    int fresh = access(name, F_OK) != 0;
    int to = open(name, O_RDWR | O_CREAT, 0600), from = open(f->path, O_RDONLY);
    struct stat info;
    if (to >= 0 && from >= 0 && fstat(from, &info) == 0) {
        static char buffer[CHUNK];
        struct range whole = {0, info.st_size}, *dirty = fresh ? &whole : f->dirty;
        size_t count = fresh ? 1 : f->count;
        for (size_t n = 0; n < count; n++)
            for (off_t at = dirty[n].from; at < dirty[n].to; at += CHUNK) {
                size_t size = (size_t)(dirty[n].to - at) < CHUNK ? (size_t)(dirty[n].to - at) : CHUNK;
                ssize_t got = pread(from, buffer, size, at);
                if (got > 0) write_at(to, buffer, (size_t)got, at);
            }
        if (f->cut >= 0 && info.st_size <= f->cut) { if (ftruncate(to, info.st_size)) {} }
    }
    f->count = 0;
    f->cut = -1;
    if (to >= 0) close(to);
    if (from >= 0) close(from);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    pthread_mutex_lock(&lock);
    keep(fd);
    pthread_mutex_unlock(&lock);
    return real(fd);
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    pthread_mutex_lock(&lock);
    keep(fd);
    pthread_mutex_unlock(&lock);
    return real(fd);
}

int close(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "close");
    if (fd >= 0 && fd < FDS && known[fd] != 0) {
        pthread_mutex_lock(&lock);
        known[fd] = 0;
        pthread_mutex_unlock(&lock);
    }
    return real(fd);
}
