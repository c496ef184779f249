/* Fails one file operation of one rank: LD_PRELOAD this, and say which in the environment.
 *
 * FAULT_FOLDER  only paths under this folder count
 * FAULT_RANK    only this rank counts (OMPI_COMM_WORLD_RANK)
 * FAULT_CALL    open, write, sync, rename or read; each counts apart
 * FAULT_NUMBER  the number of the call that fails, from 1; 0: none
 * FAULT_WAY     an errno by number, or "short": half of the bytes are moved
 * FAULT_STAYS   "1": every later call of that kind fails too, like a disk that is full
 * FAULT_COUNTS  file to which "RANK CALL COUNT" is appended at the end of the process
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum call { OPEN, WRITE, SYNC, RENAME, READ, NUM_CALLS };
static const char* const names[NUM_CALLS] = {"open", "write", "sync", "rename", "read"};
enum { max_descriptors = 65536 };

static atomic_int counts[NUM_CALLS];
static atomic_bool watched[max_descriptors]; /* by descriptor: a file under the folder */

static const char* setting(const char* name) {
    const char* value = getenv(name);
    return value == NULL ? "" : value;
}

static int is_my_rank(void) { return strcmp(setting("FAULT_RANK"), setting("OMPI_COMM_WORLD_RANK")) == 0; }

static int is_under_folder(const char* path) {
    const char* folder = setting("FAULT_FOLDER");
    const size_t length = strlen(folder);
    return length > 0 && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int is_watched(int descriptor) { return descriptor >= 0 && descriptor < max_descriptors && watched[descriptor]; }

/* Counts a call on a watched file. @return whether it is to fail */
static int fails(enum call call) {
    const int number = atomic_fetch_add(&counts[call], 1) + 1, wanted = atoi(setting("FAULT_NUMBER"));
    if (!is_my_rank() || wanted == 0 || strcmp(setting("FAULT_CALL"), names[call]) != 0) return 0;
    return number == wanted || (number > wanted && setting("FAULT_STAYS")[0] == '1');
}

static int is_short(void) { return strcmp(setting("FAULT_WAY"), "short") == 0; }

static int failed(void) {
    errno = atoi(setting("FAULT_WAY"));
    return -1;
}

/* The C library's own. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opened(int descriptor) {
    if (descriptor >= 0 && descriptor < max_descriptors) watched[descriptor] = 1;
    return descriptor;
}

#define DEFINE_OPEN(name)                                                \
    int name(const char* path, int flags, ...) {                         \
        va_list rest;                                                    \
        va_start(rest, flags);                                           \
        const mode_t mode = va_arg(rest, mode_t);                        \
        va_end(rest);                                                    \
        if (!is_under_folder(path)) return REAL(name)(path, flags, mode); \
        if (fails(OPEN)) return failed();                                \
        return opened(REAL(name)(path, flags, mode));                    \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

int close(int descriptor) {
    if (descriptor >= 0 && descriptor < max_descriptors) watched[descriptor] = 0;
    return REAL(close)(descriptor);
}

/* Moves `count` bytes at most, or half of them, or none. */
#define DEFINE_MOVE(name, call, parameters, arguments) \
    ssize_t name parameters {                                                                    \
        if (is_watched(descriptor) && fails(call)) {                                             \
            if (!is_short()) return failed();                                                    \
            if (count > 1) count /= 2;                                                           \
        }                                                                                        \
        return REAL(name) arguments;                                                             \
    }
DEFINE_MOVE(write, WRITE, (int descriptor, const void* buffer, size_t count), (descriptor, buffer, count))
DEFINE_MOVE(pwrite, WRITE, (int descriptor, const void* buffer, size_t count, off_t at), (descriptor, buffer, count, at))
DEFINE_MOVE(pwrite64, WRITE, (int descriptor, const void* buffer, size_t count, off64_t at), (descriptor, buffer, count, at))
DEFINE_MOVE(read, READ, (int descriptor, void* buffer, size_t count), (descriptor, buffer, count))
DEFINE_MOVE(pread, READ, (int descriptor, void* buffer, size_t count, off_t at), (descriptor, buffer, count, at))
DEFINE_MOVE(pread64, READ, (int descriptor, void* buffer, size_t count, off64_t at), (descriptor, buffer, count, at))

int fsync(int descriptor) { return is_watched(descriptor) && fails(SYNC) ? failed() : REAL(fsync)(descriptor); }

int rename(const char* from, const char* to) { return is_under_folder(to) && fails(RENAME) ? failed() : REAL(rename)(from, to); }

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
    return is_under_folder(to) && fails(RENAME) ? failed() : REAL(renameat2)(from_folder, from, to_folder, to, flags);
}

__attribute__((destructor)) static void tell_counts(void) {
    const char* path = setting("FAULT_COUNTS");
    if (path[0] == 0 || setting("OMPI_COMM_WORLD_RANK")[0] == 0) return;
    char text[512];
    int length = 0;
    for (int call = 0; call < NUM_CALLS; ++call)
        length += snprintf(text + length, sizeof text - (size_t)length, "%s %s %d\n", setting("OMPI_COMM_WORLD_RANK"), names[call], counts[call]);
    const int descriptor = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0) return;
    if (REAL(write)(descriptor, text, (size_t)length) != length) perror("FAULT_COUNTS");
    REAL(close)(descriptor);
}
