/*
 * A layer between a program and its disk, loaded by LD_PRELOAD, for trials of what must not be lost.
 *
 * It keeps a journal of everything under LAYER_DIR that was written, made, renamed or removed, with what was there
 * before, and of each fsync that came back. A power cut is then played by bench/power-cut.mjs, which takes back what
 * no fsync covered, sector by sector. The layer also fails or ends the program at the n-th operation, and it can lie
 * (an fsync that is not noted), by which a trial shows that it would notice.
 *
 * LAYER_DIR      the folder that is watched, with a real path
 * LAYER_JOURNAL  a folder beside it on the same file system: `journal`, and `kept-N` for what was removed
 * LAYER_CONTROL  a file of 64 bytes that the trial writes at any time, see struct control
 * LAYER_LIES     1: an fsync does nothing
 * LAYER_SYNC_US  how long an fsync takes, in microseconds, so that the power goes while one is under way
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, SIZE = 4, ENTRY = 8 };
enum { NOTHING = 0, FAIL = 1, KILL = 2 };

/* What the trial and the layer tell each other; the trial writes it into the file. */
struct control {
  uint32_t action; /* NOTHING, FAIL or KILL */
  uint32_t sorts;  /* which sorts of operation count: WRITE, SYNC, SIZE, ENTRY */
  uint32_t number; /* the errno of a failure */
  uint32_t until;  /* how many operations fail, one after the other; 0: all */
  uint64_t after;  /* the operation from which on it happens, counted from 1 */
  uint64_t seen;   /* operations so far of these sorts; written by the layer */
  uint64_t hit;    /* how many of them failed; written by the layer */
  int64_t clock;   /* seconds that the clock of the program is ahead */
};

/* One line of the journal; what was there before, or two paths, follow it. */
struct line {
  uint32_t sort; /* 'w' written, 't' cut or grown, 's' synced, 'x' a sync failed, 'c' made, 'u' removed, 'r' renamed */
  uint32_t body; /* bytes that follow */
  uint64_t number;
  uint64_t file; /* its inode; for 's' of a folder the folder's */
  uint64_t offset;
  uint64_t length; /* for 't' the new size; for 's' and 'x' the number up to which it counts */
  uint64_t size;   /* of the file before; for 'u' and 'r' the kept-N of what was removed, or 0 */
};

#define MOST_FILES 65536
static char dir[4096], journal_dir[4096];
static size_t dir_length;
static int journal = -1, ready, lies;
static long sync_time;
static struct control none, *control = &none;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t number, kept;
/* For each open descriptor whether it is of a watched file (1) or folder (2), and its inode. */
static unsigned char watched[MOST_FILES];
static uint64_t inode[MOST_FILES];

#define REAL(result, name, ...) \
  static result (*real_##name)(__VA_ARGS__); \
  if (!real_##name) real_##name = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
  const char *where = getenv("LAYER_DIR"), *notes = getenv("LAYER_JOURNAL"), *told = getenv("LAYER_CONTROL");
  if (!where || !notes) return;
  snprintf(dir, sizeof dir, "%s", where);
  dir_length = strlen(dir);
  snprintf(journal_dir, sizeof journal_dir, "%s", notes);
  lies = getenv("LAYER_LIES") && *getenv("LAYER_LIES") == '1';
  sync_time = getenv("LAYER_SYNC_US") ? atol(getenv("LAYER_SYNC_US")) : 0;
  char path[4200];
  snprintf(path, sizeof path, "%s/journal", journal_dir);
  journal = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (journal >= 0 && journal < 900) journal = fcntl(journal, F_DUPFD_CLOEXEC, 900);
  if (told) {
    int at = (int)syscall(SYS_openat, AT_FDCWD, told, O_RDWR | O_CLOEXEC, 0);
    void *shared = at < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, at, 0);
    if (shared != MAP_FAILED) control = shared;
    if (at >= 0) syscall(SYS_close, at);
  }
  ready = journal >= 0;
}

static int is_inside(const char *path) {
  return strncmp(path, dir, dir_length) == 0 && (path[dir_length] == '/' || path[dir_length] == 0);
}

/* The whole path of `name` from `at`; 0 where it is not watched. */
static int whole(int at, const char *name, char *out) {
  if (!ready || !name) return 0;
  if (name[0] == '/') snprintf(out, 4096, "%s", name);
  else {
    char link[64], base[2048];
    if (at == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t n = readlink(link, base, sizeof base - 1);
    if (n < 0) return 0;
    base[n] = 0;
    snprintf(out, 4096, "%s/%s", base, name);
  }
  return is_inside(out);
}

static void note(uint32_t sort, uint64_t file, uint64_t offset, uint64_t length, uint64_t size, const void *body, uint32_t bytes) {
  struct line line = {sort, bytes, ++number, file, offset, length, size};
  struct iovec parts[2] = {{&line, sizeof line}, {(void *)body, bytes}};
  /* Before the operation itself: what the journal misses did not happen. */
  syscall(SYS_writev, journal, parts, bytes ? 2 : 1);
}

/* Counts an operation. Answers an errno where it is to fail, and does not return where the program is to end. */
static int count(uint32_t sort) {
  if (!(__atomic_load_n(&control->sorts, __ATOMIC_RELAXED) & sort)) return 0;
  uint64_t now = __atomic_add_fetch(&control->seen, 1, __ATOMIC_RELAXED);
  uint32_t action = __atomic_load_n(&control->action, __ATOMIC_RELAXED);
  if (action == NOTHING || now < control->after) return 0;
  if (control->until && now >= control->after + control->until) return 0;
  __atomic_add_fetch(&control->hit, 1, __ATOMIC_RELAXED);
  if (action == KILL) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
  }
  return (int)control->number;
}

static uint64_t size_of(int fd) {
  struct stat found;
  return fstat(fd, &found) ? 0 : (uint64_t)found.st_size;
}

/* Keeps what stands in a place that is about to be written. */
static void keep_before(int fd, uint64_t offset, uint64_t length) {
  uint64_t size = size_of(fd), there = offset >= size ? 0 : size - offset < length ? size - offset : length;
  static char before[1 << 20];
  /* In parts, because one write may be long; a part is a line of its own. */
  for (uint64_t done = 0; done < length || done == 0;) {
    uint64_t part = length - done < sizeof before ? length - done : sizeof before;
    uint64_t have = done >= there ? 0 : there - done < part ? there - done : part;
    if (have) {
      ssize_t got = (ssize_t)syscall(SYS_pread64, fd, before, have, offset + done);
      /* A descriptor that may only write cannot be asked: another one can. */
      if (got < 0) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        int again = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC, 0);
        got = again < 0 ? 0 : (ssize_t)syscall(SYS_pread64, again, before, have, offset + done);
        if (again >= 0) syscall(SYS_close, again);
      }
      have = got < 0 ? 0 : (uint64_t)got;
    }
    note('w', inode[fd], offset + done, part, size, before, (uint32_t)have);
    done += part;
    if (part == 0) break;
  }
}

static int is_file(int fd) {
  return ready && fd >= 0 && fd < MOST_FILES && watched[fd] == 1;
}

/* The folder that the watched one stands in: an fsync of it makes that one's name last. */
static int is_above(const char *path) {
  const char *end = strrchr(dir, '/');
  return ready && end && strlen(path) == (size_t)(end - dir) && strncmp(path, dir, (size_t)(end - dir)) == 0;
}

static void opened(int fd, const char *path) {
  if (fd < 0 || fd >= MOST_FILES) return;
  struct stat found;
  watched[fd] = 0;
  if ((!is_inside(path) && !is_above(path)) || fstat(fd, &found)) return;
  /* The shared memory of SQLite's log is never read again after the last process has gone. */
  size_t n = strlen(path);
  if (n > 4 && !strcmp(path + n - 4, "-shm")) return;
  watched[fd] = S_ISDIR(found.st_mode) ? 2 : S_ISREG(found.st_mode) ? 1 : 0;
  inode[fd] = found.st_ino;
}

static uint64_t inode_of(const char *path) {
  struct stat found;
  return lstat(path, &found) ? 0 : found.st_ino;
}

static uint64_t folder_of(const char *path) {
  char folder[4096];
  snprintf(folder, sizeof folder, "%s", path);
  char *end = strrchr(folder, '/');
  if (end) *end = 0;
  return inode_of(folder);
}

static void note_entry(uint32_t sort, const char *one, const char *other, uint64_t kept_as) {
  char both[8400];
  int bytes = snprintf(both, sizeof both, "%s%c%s", one, 0, other ? other : "");
  note(sort, folder_of(other ? other : one), folder_of(one), inode_of(one), kept_as, both, (uint32_t)bytes + 1);
}

/* What is about to be removed stays under another name. Folders need not: only empty ones are removed. */
static uint64_t keep_removed(const char *path) {
  struct stat found;
  if (lstat(path, &found) || !S_ISREG(found.st_mode)) return 0;
  char as[4200];
  snprintf(as, sizeof as, "%s/kept-%d-%llu", journal_dir, getpid(), (unsigned long long)++kept);
  if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, as, 0)) return 0;
  return ((uint64_t)getpid() << 32) | kept;
}

static int open_any(int at, const char *name, int flags, mode_t mode) {
  char path[4096];
  if (!whole(at, name, path)) {
    int fd = (int)syscall(SYS_openat, at, name, flags, mode);
    if (fd >= 0 && fd < MOST_FILES) watched[fd] = 0;
    if (name && is_above(name)) opened(fd, name);
    return fd;
  }
  int failure = 0;
  pthread_mutex_lock(&lock);
  size_t n = strlen(path);
  int counts = !(n > 4 && !strcmp(path + n - 4, "-shm"));
  int makes = (flags & O_CREAT) && access(path, F_OK) != 0;
  if (makes && counts && (failure = count(ENTRY))) {
    pthread_mutex_unlock(&lock);
    errno = failure;
    return -1;
  }
  int fd = (int)syscall(SYS_openat, at, name, flags & ~O_TRUNC, mode);
  int number_of_failure = errno;
  opened(fd, path);
  if (fd >= 0 && makes && watched[fd]) note_entry('c', path, NULL, 0);
  if (fd >= 0 && (flags & O_TRUNC)) {
    if (watched[fd] == 1) {
      uint64_t size = size_of(fd);
      if (size) {
        keep_before(fd, 0, size);
        note('t', inode[fd], 0, 0, size, NULL, 0);
      }
    }
    syscall(SYS_ftruncate, fd, 0);
  }
  pthread_mutex_unlock(&lock);
  errno = number_of_failure;
  return fd;
}

static mode_t mode_of(int flags, va_list more) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
}
#define OPENS(name) \
  int name(const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = mode_of(flags, more); \
    va_end(more); \
    return open_any(AT_FDCWD, path, flags, mode); \
  }
#define OPENS_AT(name) \
  int name(int at, const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = mode_of(flags, more); \
    va_end(more); \
    return open_any(at, path, flags, mode); \
  }
OPENS(open)
OPENS(open64)
OPENS_AT(openat)
OPENS_AT(openat64)

int creat(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
  if (fd == journal && ready) { errno = EBADF; return -1; }
  if (fd >= 0 && fd < MOST_FILES) watched[fd] = 0;
  return (int)syscall(SYS_close, fd);
}

/* A copy of a descriptor is one of the same file. */
static int copied(int from, int to) {
  if (from >= 0 && from < MOST_FILES && to >= 0 && to < MOST_FILES) {
    watched[to] = watched[from];
    inode[to] = inode[from];
  }
  return to;
}
int fcntl(int fd, int what, ...) {
  va_list more;
  va_start(more, what);
  void *value = va_arg(more, void *);
  va_end(more);
  int answer = (int)syscall(SYS_fcntl, fd, what, value);
  return what == F_DUPFD || what == F_DUPFD_CLOEXEC ? copied(fd, answer) : answer;
}
int fcntl64(int fd, int what, ...) {
  va_list more;
  va_start(more, what);
  void *value = va_arg(more, void *);
  va_end(more);
  int answer = (int)syscall(SYS_fcntl, fd, what, value);
  return what == F_DUPFD || what == F_DUPFD_CLOEXEC ? copied(fd, answer) : answer;
}

/* What comes before a write: the failure, of which every other one leaves half of the bytes behind, and the note. */
static ssize_t before_write(int fd, uint64_t offset, uint64_t length, const void *bytes) {
  int failure = count(WRITE);
  if (!failure) {
    keep_before(fd, offset, length);
    return 0;
  }
  if (bytes && length > 1 && control->hit % 2 == 0) {
    keep_before(fd, offset, length / 2);
    syscall(SYS_pwrite64, fd, bytes, length / 2, offset);
  }
  errno = failure;
  return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  if (!is_file(fd)) return (ssize_t)syscall(SYS_pwrite64, fd, bytes, length, offset);
  pthread_mutex_lock(&lock);
  ssize_t answer = before_write(fd, (uint64_t)offset, length, bytes);
  if (!answer) answer = (ssize_t)syscall(SYS_pwrite64, fd, bytes, length, offset);
  pthread_mutex_unlock(&lock);
  return answer;
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return pwrite(fd, bytes, length, offset); }

static uint64_t position(int fd) {
  int flags = (int)syscall(SYS_fcntl, fd, F_GETFL, 0);
  if (flags >= 0 && (flags & O_APPEND)) return size_of(fd);
  off_t at = (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR);
  return at < 0 ? 0 : (uint64_t)at;
}
ssize_t write(int fd, const void *bytes, size_t length) {
  if (!is_file(fd)) return (ssize_t)syscall(SYS_write, fd, bytes, length);
  pthread_mutex_lock(&lock);
  ssize_t answer = before_write(fd, position(fd), length, NULL);
  if (!answer) answer = (ssize_t)syscall(SYS_write, fd, bytes, length);
  pthread_mutex_unlock(&lock);
  return answer;
}
ssize_t writev(int fd, const struct iovec *parts, int many) {
  if (!is_file(fd)) return (ssize_t)syscall(SYS_writev, fd, parts, many);
  uint64_t length = 0;
  for (int n = 0; n < many; n++) length += parts[n].iov_len;
  pthread_mutex_lock(&lock);
  ssize_t answer = before_write(fd, position(fd), length, NULL);
  if (!answer) answer = (ssize_t)syscall(SYS_writev, fd, parts, many);
  pthread_mutex_unlock(&lock);
  return answer;
}
/* Copying inside the kernel is refused, as on file systems that cannot: callers then read and write. */
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t length, unsigned flags) {
  if (is_file(out)) { errno = EXDEV; return -1; }
  return (ssize_t)syscall(SYS_copy_file_range, in, from, out, to, length, flags);
}
ssize_t sendfile(int out, int in, off_t *offset, size_t length) {
  if (is_file(out)) { errno = EINVAL; return -1; }
  return (ssize_t)syscall(SYS_sendfile, out, in, offset, length);
}
ssize_t sendfile64(int out, int in, off64_t *offset, size_t length) { return sendfile(out, in, (off_t *)offset, length); }
int fallocate(int fd, int mode, off_t offset, off_t length) {
  if (is_file(fd)) { errno = EOPNOTSUPP; return -1; }
  return (int)syscall(SYS_fallocate, fd, mode, offset, length);
}
int fallocate64(int fd, int mode, off64_t offset, off64_t length) { return fallocate(fd, mode, offset, length); }

int ftruncate(int fd, off_t size) {
  if (!is_file(fd)) return (int)syscall(SYS_ftruncate, fd, size);
  pthread_mutex_lock(&lock);
  int failure = count(SIZE), answer = -1;
  if (!failure) {
    uint64_t now = size_of(fd);
    if ((uint64_t)size < now) keep_before(fd, (uint64_t)size, now - (uint64_t)size);
    note('t', inode[fd], 0, (uint64_t)size, now, NULL, 0);
    answer = (int)syscall(SYS_ftruncate, fd, size);
  }
  pthread_mutex_unlock(&lock);
  if (failure) errno = failure;
  return answer;
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

int fsync(int fd) {
  if (!ready || fd < 0 || fd >= MOST_FILES || !watched[fd]) return (int)syscall(SYS_fsync, fd);
  pthread_mutex_lock(&lock);
  uint64_t upto = number;
  int failure = count(SYNC);
  if (!failure && sync_time) {
    pthread_mutex_unlock(&lock);
    usleep((useconds_t)sync_time);
    pthread_mutex_lock(&lock);
  }
  /* After a failure the kernel takes the pages for clean: a later fsync says yes and does nothing for them. */
  if (failure) note('x', inode[fd], 0, upto, 0, NULL, 0);
  else if (!lies) note('s', inode[fd], 0, upto, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  if (failure) { errno = failure; return -1; }
  return 0;
}
int fdatasync(int fd) {
  if (!ready || fd < 0 || fd >= MOST_FILES || !watched[fd]) return (int)syscall(SYS_fdatasync, fd);
  return fsync(fd);
}

static int rename_any(int at, const char *from, int to_at, const char *to, unsigned flags) {
  char one[4096], other[4096];
  if (!whole(at, from, one) | !whole(to_at, to, other)) return (int)syscall(SYS_renameat2, at, from, to_at, to, flags);
  pthread_mutex_lock(&lock);
  int failure = count(ENTRY), answer = -1;
  if (!failure) {
    note_entry('r', one, other, flags & RENAME_NOREPLACE ? 0 : keep_removed(other));
    answer = (int)syscall(SYS_renameat2, at, from, to_at, to, flags);
  }
  pthread_mutex_unlock(&lock);
  if (failure) errno = failure;
  return answer;
}
int rename(const char *from, const char *to) { return rename_any(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int at, const char *from, int to_at, const char *to) { return rename_any(at, from, to_at, to, 0); }
int renameat2(int at, const char *from, int to_at, const char *to, unsigned flags) { return rename_any(at, from, to_at, to, flags); }

static int unlink_any(int at, const char *name, int flags) {
  char path[4096];
  if (!whole(at, name, path)) return (int)syscall(SYS_unlinkat, at, name, flags);
  pthread_mutex_lock(&lock);
  int failure = count(ENTRY), answer = -1;
  size_t n = strlen(path);
  if (!failure) {
    if (!(n > 4 && !strcmp(path + n - 4, "-shm")) && inode_of(path)) note_entry('u', path, NULL, keep_removed(path));
    answer = (int)syscall(SYS_unlinkat, at, name, flags);
  }
  pthread_mutex_unlock(&lock);
  if (failure) errno = failure;
  return answer;
}
int unlink(const char *path) { return unlink_any(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return unlink_any(at, path, flags); }
int rmdir(const char *path) { return unlink_any(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int at, const char *name, mode_t mode) {
  char path[4096];
  if (!whole(at, name, path)) return (int)syscall(SYS_mkdirat, at, name, mode);
  pthread_mutex_lock(&lock);
  int failure = count(ENTRY);
  int answer = failure ? -1 : (int)syscall(SYS_mkdirat, at, name, mode);
  if (answer == 0) note_entry('c', path, NULL, 0);
  else if (failure) errno = failure;
  pthread_mutex_unlock(&lock);
  return answer;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* A link is a new name, and the old one goes by itself: good enough for "make, link, remove". */
int linkat(int at, const char *from, int to_at, const char *to, int flags) {
  char other[4096];
  if (!whole(to_at, to, other)) return (int)syscall(SYS_linkat, at, from, to_at, to, flags);
  pthread_mutex_lock(&lock);
  int failure = count(ENTRY);
  int answer = failure ? -1 : (int)syscall(SYS_linkat, at, from, to_at, to, flags);
  if (answer == 0) note_entry('c', other, NULL, 0);
  else if (failure) errno = failure;
  pthread_mutex_unlock(&lock);
  return answer;
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

/* The clock of the day may go wrong; the one that only measures does not. */
int clock_gettime(clockid_t which, struct timespec *time) {
  REAL(int, clock_gettime, clockid_t, struct timespec *);
  int answer = real_clock_gettime(which, time);
  if (answer == 0 && which == CLOCK_REALTIME) time->tv_sec += control->clock;
  return answer;
}
