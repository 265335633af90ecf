#include <sys/types.h>
// glibc declares this only to programs that ask for GNU extensions, which Swift's module does not.
#if defined(__GLIBC__)
extern int sync_file_range(int fd, __off64_t offset, __off64_t count, unsigned int flags);
#endif
