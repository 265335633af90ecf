#include <fcntl.h>
#include <stdio.h>
// glibc declares these only to programs that ask for GNU extensions, which Swift's module does not.
#if defined(__GLIBC__)
extern int renameat2(int from, const char *old, int to, const char *new_, unsigned int flags);
extern int fallocate64(int fd, int mode, __off64_t offset, __off64_t length);
#endif
