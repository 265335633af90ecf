#include <sqlite3.h>
// Swift cannot call functions with a variable number of arguments.
static inline int sqlite_count_memory(int counts) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, counts);
}
